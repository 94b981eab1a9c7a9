package access

import (
	"guanxi/fault"
	"guanxi/models"
)

// Explanation is why a user does or does not see a record.
type Explanation struct {
	Visible    bool
	Manageable bool
	Reasons    []*Reason
}

// Reason is one rule at work.
type Reason struct {
	Rule     string
	Sentence fault.Sentence
	Opens    bool // to read
	Manages  bool // opens to write as well
	Under    *models.Grant
	Shared   *models.Share
}

// The rules by which a record is open or closed to a user.
const (
	ByOwner         = "OWNER"
	ByAssignee      = "ASSIGNEE"
	ByScope         = "SCOPE"
	ByUnowned       = "UNOWNED"
	ByShare         = "SHARE"
	ByCustomerOwner = "CUSTOMER_OWNER"
	ByCustomerShare = "CUSTOMER_SHARE"
	ByCustomerScope = "CUSTOMER_SCOPE"
	ByPool          = "POOL_MEMBER"
	ByReader        = "READER"
	ByReference     = "REFERENCE"
	ByBothEnds      = "BOTH_ENDS"
	ByWhole         = "WHOLE"
	Inactive        = "INACTIVE"
	NoPermission    = "NO_PERMISSION"
	IsDenied        = "DENIED"
	NotReader       = "NOT_READER"
	IsDeleted       = "DELETED"
	NotReached      = "NOT_REACHED"
)

// together makes the grants and shares at work one batch each.
func (x *Explanation) together() {
	var grants []*models.Grant
	var shares []*models.Share
	for _, r := range x.Reasons {
		if r.Under != nil {
			grants = append(grants, r.Under)
		}
		if r.Shared != nil {
			shares = append(shares, r.Shared)
		}
	}
	models.NewBatch(grants)
	models.NewBatch(shares)
}
