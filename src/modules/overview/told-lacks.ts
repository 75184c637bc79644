/** What was told of a month lacks something, by the newest check of it. */
export const TOLD_LACKS = `select k.municipality_code, 'told_lacks' as kind, 'told ' || to_char(k.month, 'YYYY-MM') as subject,
    null::smallint as source_system, 'kommune' as owner, k.lacking_ore as amount_ore, k.at as since, k.detail
  from told_checks k
  where k.municipality_code = any ($1) and (k.lacking > 0 or jsonb_array_length(k.detail->'unread') > 0)
    and not exists (select from told_checks n where n.municipality_code = k.municipality_code and n.month = k.month
      and n.check_no > k.check_no)`
