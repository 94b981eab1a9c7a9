package access

import (
	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
)

// Explanation is why a user does or does not see a record.
type Explanation struct {
	Visible    bool
	Manageable bool
	Reasons    []*Reason // each way that leads to it, then what shuts it
	Chain      []*Reason // the shortest chain of facts that suffices for him to see it
	Needed     []*Remedy // what would open it, each alone; nothing when he sees it
	Field      *FieldExplanation
}

// Reason is one rule at work, or a fact that it rests on.
type Reason struct {
	models.Part // to fetch what the reasons are about together

	Rule     string
	Sentence fault.Sentence
	Opens    bool // to read
	Manages  bool // opens to write as well
	Under    *models.Grant
	Shared   *models.Share
	Node     uuid.UUID // what it is about: a role, a membership, a group …

	entry uuid.UUID // of several facts about the same thing, which
}

// Remedy is what it would take, all of it together, for a user to see a record.
type Remedy struct{ Steps []*Need }

// Need is one thing that somebody would have to do.
type Need struct {
	models.Part

	Action   string
	Sentence fault.Sentence
	OneOf    []uuid.UUID // with one of these
}

// FieldExplanation is how far a user reads a field of a record, and why.
type FieldExplanation struct {
	Rule     *string // that protects it; none for what everybody reads who sees the record
	Relation *string // in which he stands to the record
	Access   string  // FULL, MASKED or NONE
	Sentence fault.Sentence
	Chain    []*Reason // the relation, then the role that gives the right
}

// The rules by which a record is open or closed to a user, and the facts that they rest on.
const (
	ByOwner          = "OWNER"
	ByAssignee       = "ASSIGNEE"
	ByScope          = "SCOPE"
	ByUnowned        = "UNOWNED"
	ByShare          = "SHARE"
	ByCustomerOwner  = "CUSTOMER_OWNER"
	ByCustomerShare  = "CUSTOMER_SHARE"
	ByCustomerScope  = "CUSTOMER_SCOPE"
	ByHiddenCustomer = "HIDDEN_CUSTOMER"
	ByPool           = "POOL_MEMBER"
	ByReader         = "READER"
	ByReference      = "REFERENCE"
	ByBothEnds       = "BOTH_ENDS"
	ByWhole          = "WHOLE"
	ByRole           = "ROLE"
	ByMembership     = "MEMBERSHIP"
	ByBelow          = "BELOW"
	ByGroup          = "GROUP"
	ByOther          = "OTHER"
	Inactive         = "INACTIVE"
	NoPermission     = "NO_PERMISSION"
	IsDenied         = "DENIED"
	NotReader        = "NOT_READER"
	IsDeleted        = "DELETED"
	NotReached       = "NOT_REACHED"
)

// What would open a record.
const (
	ToActivate = "ACTIVATE"
	ToGiveRole = "GIVE_ROLE"
	ToRestore  = "RESTORE"
	ToShare    = "SHARE"
	ToGrant    = "GRANT"
	ToTakeBack = "TAKE_BACK"
	ToJoinPool = "JOIN_POOL"
	ToList     = "JOIN_LIST"
)

// same tells whether two reasons state the same fact.
func (r *Reason) same(other *Reason) bool {
	return r.Rule == other.Rule && r.Node == other.Node && r.entry == other.entry && idOf(r.Under) == idOf(other.Under) && idOf(r.Shared) == idOf(other.Shared)
}

func idOf[T any, P interface {
	*T
	models.Keyed
}](row P) uuid.UUID {
	if row == nil {
		return uuid.Nil
	}
	id, _ := row.Key()
	return id
}

// together makes the reasons, needs, grants and shares at work one batch each.
func (x *Explanation) together() {
	all := append(append([]*Reason{}, x.Reasons...), x.Chain...)
	if x.Field != nil {
		all = append(all, x.Field.Chain...)
	}
	var grants []*models.Grant
	var shares []*models.Share
	for i, r := range all {
		r.ID = uuid.UUID{byte(i >> 8), byte(i)}
		if r.Under != nil {
			grants = append(grants, r.Under)
		}
		if r.Shared != nil {
			shares = append(shares, r.Shared)
		}
	}
	var needs []*Need
	for _, remedy := range x.Needed {
		needs = append(needs, remedy.Steps...)
	}
	models.NewBatch(all)
	models.NewBatch(grants)
	models.NewBatch(shares)
	models.NewBatch(needs)
}
