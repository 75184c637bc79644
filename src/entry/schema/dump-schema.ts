/**
 * The schema as text, read from PostgreSQL's catalogue: no pg_dump is needed. The order is that of names, so that equal
 * schemas give equal bytes whoever made them; what versions 15 to 18 tell differently is left out or evened out.
 * It is for reading and comparing: a database is made by db/migrations.
 */
import type { Db } from '../../base/db.ts'

const HEAD = `-- The schema as it stands after all migrations. Written by \`npm run schema\`; do not edit.
-- Order: functions, tables, views. {{owner}}, {{reader}}, {{writer}}, {{loader}} are the roles of the database;
-- {{owner}} owns everything. What a role may do beyond that is granted below.
`

export async function dumpSchema(db: Db): Promise<string> {
  const functions = await dumpFunctions(db)
  const sequences = await dumpSequences(db)
  const tables = await dumpTables(db)
  const views = await dumpViews(db)
  const own = await db.rows<{ owner: string }>(
    `select distinct pg_get_userbyid(relowner) as owner from pg_class
     where relnamespace = 'public'::regnamespace order by 1`,
  )
  const owners = own.map((row) => placeholder(row.owner)).join(', ')
  return `${[HEAD, `-- owned by ${owners}\n`, ...functions, ...sequences, ...tables, ...views].join('\n')}`
}

/** `toek_reader` → `{{reader}}`. */
function placeholder(role: string): string {
  const kind = /_(owner|reader|writer|loader)$/.exec(role)?.[1]
  return kind === undefined ? role : `{{${kind}}}`
}

async function dumpFunctions(db: Db): Promise<string[]> {
  const rows = await db.rows<{ definition: string; acl: string[] | null; signature: string; owner: string }>(
    `select pg_get_functiondef(p.oid) as definition, p.oid::regprocedure::text as signature,
       pg_get_userbyid(p.proowner) as owner, p.proacl::text[] as acl
     from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
     order by p.oid::regprocedure::text collate "C"`,
  )
  return rows.map((row) => {
    const definition = row.definition.trim().replace(/[ \t]+$/gm, '')
    const rights = row.acl === null ? [] : [`-- rights on ${row.signature}: ${rightsOf(row.acl, row.owner)}`]
    return `${[`${definition};`, ...rights].join('\n')}\n`
  })
}

/** `{"x_reader=X/x_owner"}` → readable and without the names of the database. */
function rightsOf(acl: readonly string[], owner: string): string {
  return acl
    .map((item) => item.split('/')[0] as string)
    .filter((item) => !item.startsWith(`${owner}=`))
    .map(
      (item) => `${item.startsWith('=') ? 'public' : placeholder(item.split('=')[0] as string)}=${item.split('=')[1]}`,
    )
    .sort()
    .join(', ')
}

/** Sequences of identity columns belong to their column and are not listed. */
async function dumpSequences(db: Db): Promise<string[]> {
  const rows = await db.rows<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i') order by 1`,
  )
  return rows.map((row) => `create sequence ${row.name};\n`)
}

interface TableRow {
  readonly oid: number
  readonly name: string
  readonly kind: string
  readonly unlogged: boolean
  readonly rls: boolean
  readonly forced: boolean
  readonly options: string | null
  readonly partition_key: string | null
  readonly partition_of: string | null
  readonly bound: string | null
  readonly comment: string | null
}

async function dumpTables(db: Db): Promise<string[]> {
  const tables = await db.rows<TableRow>(
    `select c.oid::int as oid, quote_ident(c.relname) as name, c.relkind as kind, c.relpersistence = 'u' as unlogged,
       c.relrowsecurity as rls, c.relforcerowsecurity as forced, array_to_string(c.reloptions, ', ') as options,
       case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
       (select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid) as partition_of,
       pg_get_expr(c.relpartbound, c.oid) as bound, obj_description(c.oid, 'pg_class') as comment
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     order by c.relname collate "C"`,
  )
  const columns = await byTable(db, COLUMNS)
  const constraints = await byTable(db, CONSTRAINTS)
  const after = await byTable(db, AFTER)
  const grants = await grantsByTable(db)
  return tables.map((table) => {
    const inside = [...(columns.get(table.oid) ?? []), ...(constraints.get(table.oid) ?? [])]
    const lines = [head(table, inside)]
    if (table.comment !== null) lines.push(`comment on table ${table.name} is ${quoted(table.comment)};`)
    lines.push(...(after.get(table.oid) ?? []))
    if (table.rls) lines.push(`alter table ${table.name} enable row level security;`)
    if (table.forced) lines.push(`alter table ${table.name} force row level security;`)
    lines.push(...(grants.get(table.oid) ?? []))
    return `${lines.join('\n')}\n`
  })
}

function head(table: TableRow, inside: readonly string[]): string {
  const kind = table.unlogged ? 'unlogged table' : 'table'
  const body = table.partition_of === null ? ` (\n  ${inside.join(',\n  ')}\n)` : ` partition of ${table.partition_of}`
  const bound = table.bound === null ? '' : ` ${table.bound}`
  const key = table.partition_key === null ? '' : ` partition by ${table.partition_key}`
  const options = table.options === null ? '' : ` with (${table.options})`
  return `create ${kind} ${table.name}${body}${bound}${key}${options};`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const COLUMNS = `
  select a.attrelid::int as oid, quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when a.attnotnull then ' not null' else '' end
    || case a.attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity'
       else '' end
    || case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
            when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end as text
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
  order by a.attrelid, a.attnum`

// From version 18 on, "not null" is a named constraint too: the column says it already.
const CONSTRAINTS = `
  select k.conrelid::int as oid, 'constraint ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) as text
  from pg_constraint k
  where k.connamespace = 'public'::regnamespace and k.contype <> 'n' and k.conrelid <> 0 and k.conparentid = 0
  order by k.conrelid, array_position('{p,u,f,c,x,t}'::"char"[], k.contype), k.conname collate "C"`

/** Comments on columns, indexes of no constraint, triggers and policies, in this order. */
const AFTER = `
  select oid, text from (
    select a.attrelid::int as oid, 1 as sort, a.attname::text as name, 'comment on column ' || a.attrelid::regclass::text
      || '.' || quote_ident(a.attname) || ' is ' || quote_literal(col_description(a.attrelid, a.attnum)) || ';' as text
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and col_description(a.attrelid, a.attnum) is not null
    union all
    select i.indrelid::int, 2, x.relname::text, replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON ') || ';'
    from pg_index i join pg_class x on x.oid = i.indexrelid
    where x.relnamespace = 'public'::regnamespace
      and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
      and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
    union all
    select t.tgrelid::int, 3, t.tgname::text,
      replace(replace(pg_get_triggerdef(t.oid), ' ON public.', ' ON '), 'FUNCTION public.', 'FUNCTION ') || ';'
      || case t.tgenabled when 'O' then '' else ' -- enabled: ' || t.tgenabled::text end
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgparentid = 0
    union all
    select p.polrelid::int, 4, p.polname::text, 'create policy ' || quote_ident(p.polname) || ' on '
      || p.polrelid::regclass::text || case when p.polpermissive then '' else ' as restrictive' end
      || case p.polcmd when '*' then '' when 'r' then ' for select' when 'a' then ' for insert'
           when 'w' then ' for update' else ' for delete' end
      || case when p.polroles = '{0}' then '' else ' to ' || (
           select string_agg(regexp_replace(r.rolname, '^.*_(owner|reader|writer|loader)$', '{{\\1}}'), ', ')
           from pg_roles r where r.oid = any (p.polroles)) end
      || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
      || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') || ';'
    from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'public'::regnamespace
  ) x order by oid, sort, name collate "C"`

async function byTable(db: Db, sql: string): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>()
  for (const row of await db.rows<{ oid: number; text: string }>(sql)) {
    // What the catalogue breaks over lines is set on one.
    const text = row.text.replace(/\s*\n\s*/g, ' ')
    const texts = found.get(row.oid)
    if (texts === undefined) found.set(row.oid, [text])
    else texts.push(text)
  }
  return found
}

/** What roles other than the owner may do with tables and views; rights on single columns are named with them. */
async function grantsByTable(db: Db): Promise<Map<number, string[]>> {
  const rows = await db.rows<{ oid: number; name: string; role: string; rights: string }>(
    `select oid::int as oid, name, role, string_agg(right_, ', ' order by right_) as rights from (
       select c.oid, c.oid::regclass::text as name, coalesce(r.rolname, 'public')::text as role,
         lower(a.privilege_type) as right_
       from pg_class c cross join lateral aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.grantee <> c.relowner
       union all
       select c.oid, c.oid::regclass::text, coalesce(r.rolname, 'public')::text,
         lower(a.privilege_type) || ' (' || string_agg(quote_ident(t.attname), ', ' order by t.attnum) || ')'
       from pg_class c join pg_attribute t on t.attrelid = c.oid cross join lateral aclexplode(t.attacl) a
       left join pg_roles r on r.oid = a.grantee
       where c.relnamespace = 'public'::regnamespace and a.grantee <> c.relowner
       group by c.oid, r.rolname, a.privilege_type
     ) g group by oid, name, role`,
  )
  const found = new Map<number, string[]>()
  for (const row of rows) {
    const text = `grant ${row.rights} on ${row.name} to ${placeholder(row.role)};`
    found.set(row.oid, [...(found.get(row.oid) ?? []), text])
  }
  for (const [oid, texts] of found) found.set(oid, texts.sort(byRole))
  return found
}

function byRole(a: string, b: string): number {
  const key = (text: string): string => text.slice(text.lastIndexOf(' to '))
  return key(a) < key(b) ? -1 : 1
}

/** A view of one table: version 15 writes the table before each column, later ones do not. */
function unqualified(body: string): string {
  const only = /\bFROM (\w+);$/.exec(body)?.[1]
  return only === undefined ? body : body.replaceAll(`${only}.`, '')
}

async function dumpViews(db: Db): Promise<string[]> {
  const rows = await db.rows<{
    oid: number
    name: string
    body: string
    options: string | null
    comment: string | null
  }>(
    `select c.oid::int as oid, quote_ident(c.relname) as name, pg_get_viewdef(c.oid, true) as body,
       array_to_string(c.reloptions, ', ') as options, obj_description(c.oid, 'pg_class') as comment
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
     order by c.relname collate "C"`,
  )
  const grants = await grantsByTable(db)
  return rows.map((row) => {
    const options = row.options === null ? '' : ` with (${row.options})`
    const body = unqualified(row.body.trim().replace(/[ \t]+$/gm, ''))
    const comment = row.comment === null ? [] : [`comment on view ${row.name} is ${quoted(row.comment)};`]
    return `${[`create view ${row.name}${options} as\n ${body}`, ...comment, ...(grants.get(row.oid) ?? [])].join('\n')}\n`
  })
}
