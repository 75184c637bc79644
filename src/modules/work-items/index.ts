/** What needs a person: found, taken, closed. */
export {
  closeWorkItem,
  FOUND_COLUMNS,
  readWorkItems,
  syncWorkItems,
  takeWorkItem,
  type WorkItem,
  type WorkKind,
} from './work-item.ts'
