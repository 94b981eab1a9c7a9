package access

import "guanxi/models"

// ways are the rules of visibility, in the order and words in which the product is defined: a business record R of kind K
// is visible to a viewer V when one of the first holds. closings are what shuts a record all the same. relations are how V
// may stand to a record that he sees; the first that holds decides which right to its fields counts.
var (
	ways      []way
	closings  []closing
	relations []relation
)

func init() {
	ways = []way{
		// 1. V owns R or is its assignee.
		{name: ByOwner, of: isBusiness, list: eitherWay, holds: sql("r.owner_id = @me"), begins: owned,
			en: "%[1]s owns it.", zh: "%[1]s 是所有者。"},
		{name: ByAssignee, of: isAssigned, holds: func(a asked) string { return "r." + a.kind.Assignee + " = @me" },
			begins: assigned,
			en:     "It is assigned to %[1]s.", zh: "它由 %[1]s 负责。"},

		// 2. R's owner is in V's scope for K (or R has no owner and a grant of V over everyone covers K).
		{name: ByScope, of: isBusiness, holds: func(a asked) string { return a.inScope("r.owner_id") }, begins: inScope, by: grantsOverOwner,
			en: "A grant gives %[1]s the level %[2]s over records of %[3]s.", zh: "一条授权给予 %[1]s %[2]s 级别，覆盖 %[3]s 的记录。"},
		{name: ByUnowned, of: isBusiness, holds: func(a asked) string { return a.unowned("r.owner_id") }, begins: nowhere, by: grantsOverOwner,
			en: "It has no owner, and a grant over everyone gives %[1]s the level %[2]s.", zh: "它没有所有者，且一条覆盖所有人的授权给予 %[1]s %[2]s 级别。"},

		// 3. A live share of R reaches V.
		{name: ByShare, of: isBusiness, holds: func(a asked) string { return a.shared("r.id") }, begins: shared(func(k *Kind) *Kind { return k }), by: sharesOfRecord,
			en: "It is shared with %[1]s at the level %[2]s.", zh: "它已共享给 %[1]s，级别为 %[2]s。"},

		// 4. R belongs to a customer C, and V owns C, or a live share of C covering K reaches V, or C's owner is in V's scope
		// for K and no DENY of V covering K reaches R's owner.
		{name: ByCustomerOwner, of: belongs, customer: true, holds: func(a asked) string { return a.customer.owner + " = @me" }, begins: owned,
			en: "It belongs to a customer that %[1]s owns.", zh: "它属于 %[1]s 的客户。"},
		{name: ByCustomerShare, of: belongs, customer: true, holds: func(a asked) string { return a.sharedFor(a.customer.id) },
			begins: shared(func(*Kind) *Kind { return Customer }), by: sharesOfCustomer,
			en: "It belongs to a customer that is shared with %[1]s at the level %[2]s.", zh: "它所属的客户已共享给 %[1]s，级别为 %[2]s。"},
		{name: ByCustomerScope, of: belongs, customer: true, begins: inSparedScope, by: grantsOverCustomersOwner,
			holds: func(a asked) string { return both(a.reachesCustomer(), a.spares("r.owner_id")) },
			en:    "A grant gives %[1]s the level %[2]s over the owner of the customer it belongs to.", zh: "一条授权给予 %[1]s %[2]s 级别，覆盖其所属客户的所有者。"},

		// 5. R is a customer in a pool, or its contact, and V is a member of that pool; to read only.
		{name: ByPool, of: only(Customer), reads: true, holds: sql("r.pool_id = any(@pools)"), begins: pooled, by: poolMembers,
			en: "It is in a pool that %[1]s is a member of.", zh: "它在 %[1]s 所属的公海中。"},
		{name: ByPool, of: only(Contact), customer: true, reads: true, holds: sql("c.pool_id = any(@pools)"), begins: pooled, by: poolMembers,
			en: "It is a contact of a customer in a pool that %[1]s is a member of.", zh: "它是 %[1]s 所属公海中客户的联系人。"},

		// A document with a list of its own is seen by its owner (the first rule) and those on the list, by nobody else.
		{name: ByReader, of: only(Document), list: onlyByList, reads: true, by: listReaders,
			holds: sql(listedFor), begins: byReader,
			en: "%[1]s is on the document's own list.", zh: "%[1]s 在此文档的阅读名单上。"},

		// Reference records are seen by everyone signed in; parts exactly with their record; a relationship when both its
		// parties are, and written by who manages one of them.
		{name: ByReference, of: guarded(Reference), holds: func(a asked) string { return truth(!a.viewer.Anonymous()) },
			en: "Everyone signed in sees records of this kind, and so does %[1]s.", zh: "所有登录用户都能看到此类记录，%[1]s 也不例外。"},
		{name: ByWhole, of: guarded(PartOf), holds: func(a asked) string { return "w.id = r." + a.kind.WholeID },
			en: "It is part of a record that %[1]s sees.", zh: "它属于 %[1]s 可见的一条记录。"},
		{name: ByBothEnds, of: guarded(BetweenParties), holds: func(a asked) string { return a.bothEnds("r") }, begins: asked.parties,
			en: "%[1]s sees both parties.", zh: "%[1]s 能看到关系的两端。"},
	}
	closings = []closing{
		// A user who left is deactivated, never deleted.
		{name: Inactive, user: func(f *userFacts) bool { return !f.active },
			en: "The account of %[1]s is deactivated.", zh: "%[1]s 的账号已停用。"},

		// Without READ on a kind no record of it is visible.
		{name: NoPermission, kind: func(v *Viewer, k *Kind) bool { return k.toRead() != "" && !v.May(k.toRead()) },
			en: "No role of %[1]s gives the permission %[2]s.", zh: "%[1]s 的角色都没有权限 %[2]s。"},

		// A deleted record is visible to nobody.
		{name: IsDeleted, of: func(k *Kind) bool { return k.Guard == Business || k.Guard == BetweenParties }, row: "r.deleted_at is null",
			en: "It is deleted: also %[1]s finds it only in the list of deleted records, if he could manage it.", zh: "记录已删除：%[1]s 也只能在有管理权限时于已删除列表中找到它。"},

		// A document with a list of its own is seen by nobody else.
		{name: NotReader, of: only(Document), list: "r.restricted",
			en: "The document has a list of its own, and %[1]s is not on it.", zh: "此文档有单独的阅读名单，%[1]s 不在其中。"},

		// A scope is less those reached by a DENY; one at MANAGE takes writing only.
		{name: IsDenied, grant: func(g *granted) bool { return g.Effect == models.Deny },
			en: "A DENY grant at the level %[2]s keeps the records of %[3]s from %[1]s.", zh: "一条 %[2]s 级别的禁止授权不允许 %[1]s 接触 %[3]s 的记录。"},
	}
	relations = []relation{
		// Field right: per rule, role, and relation to the record (own, in my scope, other).
		{name: Own, holds: func(a asked, row string) string { return a.own(row) }},
		{name: InScope, holds: func(a asked, row string) string { return a.reaches(row + ".owner_id") }},
		{name: Other, holds: func(asked, string) string { return "true" }},
	}
}

// relation is one way in which a viewer may stand to a row of a record.
type relation struct {
	name  Relation
	holds func(a asked, row string) string
}

// way is one rule by which a record is seen, or managed.
type way struct {
	name     string             // as the enum AccessRule of the API has it
	of       func(*Kind) bool   // the kinds that it is a rule for
	customer bool               // it leads over a customer that the record belongs to
	reads    bool               // it lets read only, never write
	list     beside             // whether it leads to documents with a list of their own
	holds    func(asked) string // the rule in SQL, on the record r
	begins   beginner           // where an index leads to all records that it may hold for, or to their customers; nil where none does
	en, zh   string             // the rule in words: %[1]s is the user, %[2]s the level, %[3]s the owner of the record
	by       func(*finding) ([]cause, error)
}

// closing is one rule that shuts what ways would open. It shuts one thing: a user out of everything, a kind to a viewer, all
// rows but some, rows with a list to all ways that do not lead by it, or those whom a grant reaches out of a scope.
type closing struct {
	name   string
	user   func(*userFacts) bool
	kind   func(*Viewer, *Kind) bool
	of     func(*Kind) bool // the kinds whose rows it may shut
	row    string           // the rows r that stay, in SQL
	list   string           // the rows r that have a list, in SQL
	grant  func(*granted) bool
	en, zh string // as for a way; %[2]s may be the permission that is missing
}

// beside says where a way leads in the face of a document's own list.
type beside int

const (
	withoutList beside = iota // to records without a list
	eitherWay
	onlyByList // to documents with one
)

func (b beside) leads(listed bool) bool { return b == eitherWay || (b == onlyByList) == listed }

func sql(text string) func(asked) string { return func(asked) string { return text } }

func guarded(guard Guard) func(*Kind) bool { return func(k *Kind) bool { return k.Guard == guard } }

func isBusiness(k *Kind) bool { return k.Guard == Business }

func isAssigned(k *Kind) bool { return k.Assignee != "" }

func belongs(k *Kind) bool { return k == Contact || k.Customer != "" }

func only(kind *Kind) func(*Kind) bool { return func(k *Kind) bool { return k == kind } }
