package access

import (
	"github.com/google/uuid"

	"guanxi/fault"
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
	GrantID  *uuid.UUID
	ShareID  *uuid.UUID
}
