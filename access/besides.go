package access

import (
	"fmt"
	"strings"

	"guanxi/models"
)

// Held renders the records of a kind, each with its id, owner and holders as Holding has them, as far as they are in some of
// the hands and fulfil a condition on r. Documents with a list of their own are not among them, unless listed: whose they are
// decides nothing.
func (q *Query) Held(kind *Kind, hands Hands, condition string) string {
	if kind == Customer {
		return fmt.Sprintf(`select r.id, r.owner_id as owner, case when r.pool_id is not null then array[r.pool_id] end as holders
			from customers r where r.deleted_at is null and %s%s`, condition, q.inHands(hands, " and (r.owner_id = any(%[1]s) or r.pool_id = any(%[1]s))"))
	}
	ties := q.ties(kind)
	if len(kind.Attached) == 0 && kind != Contact {
		return q.heldOnce(kind, hands, condition)
	}
	from := kind.Table + " r"
	if !hands.All {
		of := q.Bind(hands.Of)
		from = fmt.Sprintf(`(select o.id from %s o where o.owner_id = any(%[2]s) union select t.record from customers c join (%[3]s) t on t.customer = c.id
			where c.deleted_at is null and (c.owner_id = any(%[2]s) or c.pool_id = any(%[2]s))) i join %[1]s r on r.id = i.id`, kind.Table, of, ties)
	}
	return fmt.Sprintf(`select r.id, r.owner_id as owner, array_agg(t.holder) filter (where t.id is not null) as holders
		from %s left join (select t.record, c.id, %s as holder from (%s) t
			join customers c on c.id = t.customer and c.deleted_at is null) t on t.record = r.id
		where r.deleted_at is null and %s group by r.id`, from, holder, ties, condition)
}

// holder is in whose hands a customer c is, as Holding has it.
const holder = "coalesce(c.owner_id, c.pool_id, '00000000-0000-0000-0000-000000000000')"

// heldOnce is Held for a kind that belongs to one customer at most: those of the owners, then the others of the customers in
// these hands.
func (q *Query) heldOnce(kind *Kind, hands Hands, condition string) string {
	text := fmt.Sprintf(`select r.id, r.owner_id as owner, case when c.id is not null then array[%s] end as holders
		from %s r left join customers c on c.id = r.%s and c.deleted_at is null where r.deleted_at is null and %s`, holder, kind.Table, kind.Customer, condition)
	if hands.All {
		return text
	}
	of := q.Bind(hands.Of)
	return text + " and r.owner_id = any(" + of + ") union all " + text +
		fmt.Sprintf(" and (r.owner_id is null or not (r.owner_id = any(%[1]s))) and (c.owner_id = any(%[1]s) or c.pool_id = any(%[1]s))", of)
}

func (q *Query) inHands(hands Hands, condition string) string {
	if hands.All {
		return ""
	}
	return fmt.Sprintf(condition, q.Bind(hands.Of))
}

// ties renders each record of a kind with each customer that it belongs to, as columns record and customer.
func (q *Query) ties(kind *Kind) string {
	if kind == Contact {
		return q.Text("select e.a_id as record, e.b_id as customer from relationships e where e.type_id = '" + models.WorksAtID.String() +
			"' and e.deleted_at is null and " + notEnded)
	}
	ways := []string{fmt.Sprintf("select o.id as record, o.%s as customer from %s o", kind.Customer, kind.Table)}
	for _, to := range kind.Attached {
		ways = append(ways, fmt.Sprintf("select o.id, a.%s from %s o join %s a on a.id = o.%s and a.deleted_at is null", to.Customer, kind.Table, to.Table, attachment(to)))
	}
	return strings.Join(ways, " union ")
}

// Besides renders the ids of the records of a kind that the viewer may see, or not see, against what Holds says of the hands
// they are in: those shared with him or whose customer is, those assigned to him, documents on whose list he is or whose list
// he owns, and what is denied to him of his own customers. It may name some too many and never leaves one out.
func (q *Query) Besides(kind *Kind) string {
	ways := []string{fmt.Sprintf("select r.id from %s r where r.id in (%s)", kind.Table, sharedRecords)}
	if kind.Assignee != "" {
		ways = append(ways, fmt.Sprintf("select r.id from %s r where r.%s = @me", kind.Table, kind.Assignee))
	}
	if kind == Document {
		ways = append(ways, "select r.id from documents r where r.restricted and (r.owner_id = @me or "+listedFor+")")
	}
	if kind != Customer {
		ways = append(ways, fmt.Sprintf("select t.record from (%s) t where t.customer in (%s)", q.ties(kind), sharedRecords))
		if q.viewer.scopeOrNone(kind).denies() {
			ways = append(ways, fmt.Sprintf("select t.record from (%s) t join customers c on c.id = t.customer where c.owner_id = @me", q.ties(kind)))
		}
	}
	return q.Text(strings.Join(ways, " union "))
}

// Unlisted is the condition on r that it has no list of its own.
func Unlisted(kind *Kind) string {
	if kind == Document {
		return "not r.restricted"
	}
	return "true"
}

// Newly renders owner and id of the rows r of a kind, under a condition, that the query's viewer sees, that one viewer sees,
// and that another does not.
func (q *Query) Newly(kind *Kind, sees, not *Query, condition string) string {
	return fmt.Sprintf("select r.owner_id, r.id from %s r where r.deleted_at is null and %s and (%s) and (%s) and (%s) is not true", kind.Table, condition,
		q.open(kind, models.Observe), sees.open(kind, models.Observe), not.open(kind, models.Observe))
}
