export {
  closeWorkItem,
  FOUND_COLUMNS,
  openWorkItems,
  readWorkItems,
  syncWorkItems,
  takeWorkItem,
  type WorkAct,
  type WorkItem,
  type WorkKind,
} from './work-item.ts'
