package access

import (
	"github.com/google/uuid"

	"guanxi/fault"
)

// LookedAsBy gives the same viewer with an administrator behind him: what is read is what the user sees, what it costs is
// the administrator's, and nothing is written.
func (v *Viewer) LookedAsBy(admin *Viewer) *Viewer {
	looked := v.At(v.Now)
	looked.behind = admin.UserID
	return looked
}

// Behind gives the administrator who asks as this user sees; uuid.Nil when the user asks for himself.
func (v *Viewer) Behind() uuid.UUID { return v.behind }

// Asker gives the user whose credential the request came with, who answers for what it takes.
func (v *Viewer) Asker() uuid.UUID {
	if v.behind != uuid.Nil {
		return v.behind
	}
	return v.UserID
}

// NeedHimself refuses to write for an administrator who only asks as another user sees.
func (v *Viewer) NeedHimself() error {
	if v.behind == uuid.Nil {
		return nil
	}
	return Viewing()
}

// Viewing is the refusal to change anything while asking as another user sees.
func Viewing() *fault.Fault {
	return fault.Deny(fault.PermissionDenied, fault.Say("Viewing as another user only reads; nothing can be changed.", "以他人视角查看时只能读取，不能做任何修改。"))
}
