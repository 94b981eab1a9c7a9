package server_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
)

// Changes to what one person cannot read, made behind the server's back. What would open something to him, or close it, is
// taken back: that is no change of hidden data alone.

// alteration is a change of one class of hidden data.
type alteration struct {
	class string
	told  string                              // the type of the schema that shows it to an administrator; "" for what is shown to nobody
	which func(*altering) []string            // the rows it changes, by their ids, or those that are made by it
	make  func(*altering, []string) (n int64) // makes the change, and tells how many rows it changed
}

// altering makes changes that one person must not notice.
type altering struct {
	*person

	tx     pgx.Tx
	seed   string // chooses which rows and which values
	viewer string // the person's id
}

var businessTypes = map[string]string{
	"customers": "Customer", "contacts": "Contact", "opportunities": "Opportunity", "services": "Service", "documents": "Document", "activities": "Activity",
}

// alterations lists every class of hidden data with what changes it.
func alterations() (list []alteration) {
	for _, k := range recordKinds {
		list = append(list,
			alteration{"what hidden " + k.list + " say", businessTypes[k.list], hiddenRows(k.list, 30), shuffled(k.table, "owner_id", "pool_id", "assignee_id", "customer_id", "contact_id",
				"opportunity_id", "service_id", "restricted", "deleted_at", "deletion_id", "customer_owner_id", "attached_elsewhere")},
			alteration{"who owns hidden " + k.list, businessTypes[k.list], hiddenRows(k.list, 8), handedOver(k.table)},
			alteration{"hidden " + k.list + " deleted", businessTypes[k.list], hiddenRows(k.list, 6), statement("update " + k.table +
				" set deleted_at = '2026-09-01', deletion_id = id where id = any ($1::uuid[]) and deleted_at is null")},
			alteration{"hidden " + k.list + " added", businessTypes[k.list], freshIDs(hiddenRows(k.list, 12)), copied(k.table)},
		)
		for _, link := range []string{"customer_id", "contact_id", "opportunity_id", "service_id"} {
			list = append(list, alteration{"which hidden record the " + link + " of visible " + k.list + " names", businessTypes[k.list], hiddenLinks(k, link), relinked(k, link)})
		}
	}
	for _, part := range []struct{ table, whole, name string }{
		{"opportunity_lines", "opportunities", "OpportunityLine"}, {"stage_changes", "opportunities", "StageChange"},
		{"encounters", "opportunities", "Encounter"}, {"document_revisions", "documents", "DocumentRevision"},
	} {
		whole := strings.TrimSuffix(strings.TrimSuffix(part.whole, "s"), "ie") + map[bool]string{true: "y_id", false: "_id"}[part.whole == "opportunities"]
		of := rowsWhere("select id from "+part.table+" where "+whole+" = any ($1::uuid[])", part.whole)
		list = append(list, alteration{part.table + " of hidden " + part.whole, part.name, of, shuffled(part.table, whole, "position", "competitor_id", "revision", "is_main")},
			alteration{part.table + " of hidden " + part.whole + " removed", part.name, of, statement("delete from " + part.table + " where id = any ($1::uuid[])")})
	}
	list = append(list, hiddenTies()...)
	list = append(list, othersRights()...)
	list = append(list, shownToNobody()...)
	for _, kind := range access.Kinds {
		for _, column := range slices.Sorted(maps.Keys(kind.Protected)) {
			list = append(list, protectedColumn(kind, column))
		}
	}
	return list
}

func hiddenTies() []alteration {
	ties := func(p *altering) []string {
		return p.ids("select id from relationships where deleted_at is null and (a_id = any ($1::uuid[]) or b_id = any ($1::uuid[]))",
			slices.Concat(p.hidden["customers"], p.hidden["contacts"]))
	}
	return []alteration{
		{"what hidden relationships say", "Relationship", ties, statement(`update relationships set strength = 1 + (strength + 1) % 5, origin = 'changed', note = md5(id::text), title = 'changed',
			contact_role = 'OTHER', version = version + 1 where id = any ($1::uuid[])`)},
		{"hidden relationships deleted", "Relationship", ties, statement("update relationships set deleted_at = '2026-09-01', deletion_id = id where id = any ($1::uuid[])")},
		{"hidden relationships ended", "Relationship", ties, statement("update relationships set valid_until = '2026-09-02' where id = any ($1::uuid[]) and valid_until is null and coalesce(valid_from, '2000-01-01') < '2026-09-02'")},
		{"hidden relationships added", "Relationship", freshIDs(ties), func(p *altering, ids []string) int64 { // between what he sees and what he does not
			near := p.ids("select id from contacts where id = any ($1::uuid[]) union select id from users where active", slices.Collect(maps.Keys(p.visible["contacts"])))
			far := p.ids("select unnest($1::uuid[])", p.hidden["contacts"])
			n := int64(0)
			for i, id := range ids {
				if len(far) == 0 || len(near) == 0 {
					break
				}
				n += p.change(`insert into relationships (id, type_id, a_id, b_id, strength, created_at, updated_at) select $1, id, $2, $3, 5, '2026-09-01', '2026-09-01'
					from relationship_types where code = 'KNOWS' on conflict do nothing`, id, near[i%len(near)], far[i%len(far)])
			}
			return n
		}},
	}
}

// othersRights are the rights of others: grants, the permissions of roles that he has not, shares of hidden records, lists of
// hidden documents.
func othersRights() []alteration {
	others := rowsOnce("select id from users where id <> $1 and active")
	theirs := rowsOnce(`select g.id from grants g where (g.grantee_user_id <> $1
		or g.grantee_role_id not in (select role_id from user_roles where user_id = $1)) and g.grantee_role_id is distinct from (select id from roles where code = 'administrator')`)
	strange := rowsOnce("select id from roles where code <> 'administrator' and id not in (select role_id from user_roles where user_id = $1)")
	all := func(p *altering) []string {
		return slices.Concat(p.hidden["customers"], p.hidden["opportunities"], p.hidden["contacts"])
	}
	return []alteration{
		{"grants of others changed", "Grant", theirs, statement("update grants set level = 'MANAGE', note = md5(id::text), kinds = null where id = any ($1::uuid[])")},
		{"grants of others taken back", "Grant", theirs, statement("delete from grants where id = any ($1::uuid[])")},
		{"grants of others given", "Grant", fresh(models.GrantCode, 12), func(p *altering, ids []string) (n int64) {
			people := others(p)
			for i, id := range ids {
				n += p.change(`insert into grants (id, grantee_user_id, everyone, effect, level, created_at, updated_at) values ($1, $2, true, $3, 'MANAGE', '2026-09-01', '2026-09-01')`,
					id, people[i%len(people)], []string{"ALLOW", "DENY"}[i%2])
			}
			return n
		}},
		{"what other roles permit", "Role", strange, statement("update roles set permissions = permissions[2:] where id = any ($1::uuid[])")},
		{"what other roles read", "Role", strange, statement("update field_rights set access = case access when 'FULL' then 'NONE' else 'FULL' end where role_id = any ($1::uuid[])")},
		{"shares of hidden records given", "Share", fresh(models.ShareCode, 12), func(p *altering, ids []string) (n int64) {
			people, records := others(p), all(p)
			for i, id := range ids {
				if len(records) == 0 {
					break
				}
				n += p.change(`insert into shares (id, record_id, subject_id, level, created_at, updated_at) values ($1, $2, $3, 'MANAGE', '2026-09-01', '2026-09-01')`,
					id, records[i*7%len(records)], people[i%len(people)])
			}
			return n
		}},
		{"readers of hidden documents", "", hiddenRows("documents", 10), func(p *altering, ids []string) int64 {
			return p.change(`insert into document_readers (document_id, subject_id) select unnest($1::uuid[]), $2 on conflict do nothing`, ids, others(p)[0])
		}},
	}
}

// shownToNobody is what no answer ever shows: secrets, keys and notes of other people.
func shownToNobody() []alteration {
	others := rowsOnce("select id from users where id <> $1 and active")
	return []alteration{
		{"passwords of others", "", others, statement("update users set password_hash = md5(id::text) where id = any ($1::uuid[])")},
		{"keys of others", "", others, statement(`insert into idempotency_keys (user_id, key, operation, request_hash, created_at) select unnest($1::uuid[]), 'same', 'customerUpdate', 'x', '2026-09-17' on conflict do nothing`)},
		{"tokens of others", "", others, statement(`insert into api_tokens (id, user_id, name, token_hash, created_at) select (left(md5(u::text), 30) || '08')::uuid, u, 'other', decode(md5(u::text), 'hex'), '2026-09-01'
			from unnest($1::uuid[]) u on conflict do nothing`)},
		{"history of hidden records", "", hiddenRows("customers", 20), statement(`insert into audit_entries (id, record_id, action, at, changes) select (left(md5(r::text), 30) || '50')::uuid, r, 'UPDATE', '2026-09-16', '{}'
			from unnest($1::uuid[]) r on conflict do nothing`)},
		{"external keys of hidden records", "", hiddenRows("customers", 20), statement(`insert into external_keys (id, source, kind, key, record_id, imported_at) select (left(md5(r::text), 30) || '51')::uuid, 'other', 'CUSTOMER', r::text, r, '2026-09-16'
			from unnest($1::uuid[]) r on conflict do nothing`)},
		{"the epoch of rights", "", others, func(p *altering, _ []string) int64 { return p.change("update rights_epoch set epoch = epoch + 1") }},
	}
}

// protectedColumn changes a protected column of visible records where the person has no right to it.
func protectedColumn(kind *access.Kind, column string) alteration {
	whole, link := kind, "r.id"
	if kind.Guard == access.PartOf {
		whole, link = kind.Whole, "r."+kind.WholeID
	}
	k := recordKinds[slices.IndexFunc(recordKinds, func(k record) bool { return k.kind == whole.Name })]
	schemaType := businessTypes[k.list]
	if kind != whole {
		schemaType = map[string]string{"OPPORTUNITY_LINE": "OpportunityLine", "ENCOUNTER": "Encounter"}[kind.Name]
	}
	if strings.HasSuffix(column, "_terms") {
		schemaType = "" // it is only searched
	}
	mine := "w.owner_id = (select id from me)"
	if whole.Assignee != "" {
		mine = "(" + mine + " or w." + whole.Assignee + " = (select id from me))"
	}
	return alteration{kind.Table + "." + column + " where it is not read", schemaType, func(p *altering) []string {
		rows, err := p.tx.Query(p.Context(), rights+`select r.id from `+kind.Table+` r join `+k.table+` w on w.id = `+link+`
			where w.id = any ($5::uuid[]) and exists (select from permitted) and coalesce((select max(case f.access when 'FULL' then 2 when 'MASKED' then 1 else 0 end) from field_rights f
				where f.role_id in (select role_id from user_roles where user_id = (select id from me)) and f.rule = $6 and f.relation = case
					when `+mine+` then 'OWN' when w.owner_id in (select id from scope) or w.owner_id is null and exists (select from mine where everyone and effect = 'ALLOW') then 'SCOPE' else 'OTHER' end), 0) = 0
			order by md5(r.id::text || $7) limit 40`, p.login, p.company.Store.Clock(), k.covered, k.kind+"_READ", slices.Collect(maps.Keys(p.visible[k.list])), string(kind.Protected[column]), p.seed)
		return p.collect(rows, err)
	}, onlyShuffled(kind.Table, column)}
}

// hiddenRows chooses hidden records of a list.
func hiddenRows(list string, n int) func(*altering) []string {
	return func(p *altering) []string {
		table := recordKinds[slices.IndexFunc(recordKinds, func(k record) bool { return k.list == list })].table
		ids := p.ids("select id from "+table+" where id = any ($1::uuid[]) and deleted_at is null", p.hidden[list])
		return ids[:min(n, len(ids))]
	}
}

// rowsWhere chooses rows of hidden records.
func rowsWhere(text, list string) func(*altering) []string {
	return func(p *altering) []string { return p.ids(text, p.hidden[list]) }
}

// rowsOnce chooses rows that the person's own id does not name.
func rowsOnce(text string) func(*altering) []string {
	return func(p *altering) []string { return p.ids(text, p.viewer) }
}

// hiddenLinks chooses visible records whose link names a hidden one that opens nothing.
func hiddenLinks(k record, link string) func(*altering) []string {
	return func(p *altering) []string {
		if !p.has(k.table, link) {
			return nil
		}
		rows, err := p.tx.Query(p.Context(), rights+`select r.id from `+k.table+` r where r.id = any ($5::uuid[]) and r.`+link+` = any ($6::uuid[]) and exists (select from permitted)
			and not exists (select from customers c where c.id in (`+k.belongs+`) and (c.owner_id in (select id from scope) or c.id in (select record_id from shared)))
			order by md5(r.id::text || $7) limit 20`, p.login, p.company.Store.Clock(), k.covered, k.kind+"_READ", slices.Collect(maps.Keys(p.visible[k.list])), p.hidden[linked(link)], p.seed)
		return p.collect(rows, err)
	}
}

// linked names the list that a link leads to.
func linked(link string) string {
	return map[string]string{"customer_id": "customers", "contact_id": "contacts", "opportunity_id": "opportunities", "service_id": "services"}[link]
}

// relinked lets links name other hidden records, or none.
func relinked(k record, link string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) (n int64) {
		// whose owner is nobody that the person reaches for any kind
		others := p.ids("select id from "+linked(link)+" where id = any ($1::uuid[]) and owner_id in (select owner_id from "+k.table+" where id = any ($2::uuid[]))", p.hidden[linked(link)], p.hidden[k.list])
		for i, id := range ids {
			var other any
			if i%4 > 0 && len(others) > 0 {
				other = others[i%len(others)]
			}
			n += p.change("update "+k.table+" set "+link+" = $2 where id = $1 and "+link+" is distinct from $2", id, other)
		}
		return n
	}
}

// freshIDs are ids like those of other rows, of which none has been issued.
func freshIDs(like func(*altering) []string) func(*altering) []string {
	return func(p *altering) []string {
		return p.ids("select (left(md5(r::text || $2), 30) || right(r::text, 2))::uuid as id from unnest($1::uuid[]) r", like(p), "fresh"+p.seed)
	}
}

func fresh(kind models.KindCode, n int) func(*altering) []string {
	return func(*altering) (list []string) {
		for range n {
			list = append(list, models.NewID(kind).String())
		}
		return list
	}
}

// copied copies hidden rows of a table under the ids that freshIDs gives for them.
func copied(table string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) int64 {
		made := p.change("insert into "+table+" select p.* from "+table+" r cross join lateral (select (left(md5(r.id::text || $2), 30) || right(r.id::text, 2))::uuid as id) f"+
			", jsonb_populate_record(null::"+table+", to_jsonb(r) || jsonb_build_object('id', f.id)) p where f.id = any ($1::uuid[]) on conflict do nothing", ids, "fresh"+p.seed)
		if table == "documents" { // with a list of its own, where the administrator is on it
			p.change("insert into document_readers (document_id, subject_id) select d.id, u.id from documents d, users u where d.id = any ($1::uuid[]) and d.restricted and u.login = 'admin'", ids)
		}
		return made
	}
}

func statement(text string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) int64 { return p.change(text, ids) }
}

// handedOver gives hidden rows to the owners of other hidden rows.
func handedOver(table string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) int64 {
		alone := ""
		if p.has(table, "pool_id") {
			alone = ", pool_id = null"
		}
		return p.change("update "+table+" r set owner_id = coalesce((select owner_id from "+table+" o where o.id = any ($1::uuid[]) and o.owner_id is distinct from r.owner_id order by md5(o.id::text || r.id::text) limit 1), owner_id)"+
			alone+", version = version + 1 where id = any ($1::uuid[])", ids)
	}
}

// shuffled gives rows the values of others of their table in all columns but their id and those named.
func shuffled(table string, but ...string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) int64 {
		var columns []string
		for _, column := range p.columns(table) {
			if column != "id" && !slices.Contains(but, column) {
				columns = append(columns, column)
			}
		}
		return onlyShuffled(table, columns...)(p, ids)
	}
}

// onlyShuffled gives rows the values of others of their table in the columns. An amount needs its currency.
func onlyShuffled(table string, columns ...string) func(*altering, []string) int64 {
	return func(p *altering, ids []string) int64 {
		var sets []string
		for _, column := range columns {
			value := "s." + column
			if slices.Contains([]string{"amount", "quoted_price", "cost"}, column) && p.has(table, "currency") && !slices.Contains(columns, "currency") {
				value = "case when r.currency is not null then s." + column + " end"
			}
			sets = append(sets, column+" = "+value)
		}
		return p.change("with s as materialized (select o.*, row_number() over () as n, count(*) over () as all_rows from (select * from "+table+` order by md5(id::text || $2) limit 60) o),
			d as (select id, row_number() over (order by id) as n from unnest($1::uuid[]) id)
			update `+table+" r set "+strings.Join(sets, ", ")+" from d join s on s.n = 1 + d.n * 7 % s.all_rows where r.id = d.id", ids, p.seed)
	}
}

func (p *altering) columns(table string) []string {
	rows, err := p.tx.Query(p.Context(), "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position", table)
	if err != nil {
		p.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.Fatal(err)
	}
	return list
}

func (p *altering) has(table, column string) bool { return slices.Contains(p.columns(table), column) }

// ids reads a statement's ids in an order that the seed decides.
func (p *altering) ids(text string, values ...any) []string {
	p.Helper()
	place := fmt.Sprintf("$%d", len(values)+1)
	rows, err := p.tx.Query(p.Context(), "select q.id from ("+text+") as q (id) order by md5(q.id::text || "+place+")", append(values, p.seed)...)
	return p.collect(rows, err)
}

func (p *altering) collect(rows pgx.Rows, err error) []string {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		p.Fatal(err)
	}
	list := make([]string, len(found))
	for i, id := range found {
		list[i] = id.String()
	}
	return list
}

func (p *altering) change(text string, values ...any) int64 {
	p.Helper()
	tag, err := p.tx.Exec(p.Context(), text, values...)
	if err != nil {
		p.Fatalf("%s: %v", text, err)
	}
	return tag.RowsAffected()
}

// begin starts a transaction of changes; end gives it up unless it was committed.
func (p *person) begin(seed string) (a *altering, end func()) {
	p.Helper()
	ctx := context.WithoutCancel(p.Context())
	tx, err := p.company.Store.Pool.Begin(ctx)
	if err != nil {
		p.Fatal(err)
	}
	return &altering{person: p, tx: tx, seed: seed, viewer: p.id}, func() { _ = tx.Rollback(ctx) }
}

// chosen gives the rows that a change is to be made to, or that it makes.
func (p *person) chosen(one alteration, seed string) []string {
	p.Helper()
	a, end := p.begin(seed)
	defer end()
	return one.which(a)
}

// alter makes a change, unless it would show in what the person sees; it tells whether it did.
func (p *person) alter(one alteration, seed string, ids []string) bool {
	p.Helper()
	a, end := p.begin(seed)
	defer end()
	if one.make(a, ids) == 0 {
		return false
	}
	for _, k := range recordKinds {
		now, _ := k.seesIn(p.T, a.tx, p.company.Store.Clock(), p.login)
		if !maps.Equal(now, p.visible[k.list]) {
			return false
		}
	}
	if err := a.tx.Commit(p.Context()); err != nil {
		p.Fatal(err)
	}
	return true
}
