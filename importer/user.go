package importer

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// roleOfImported is the code of the role that an imported user gets, if the company has it.
const roleOfImported = "sales"

// newUser makes the user active and, when the source has no login, gives him one made of his name.
func (c *chunk) newUser(w *work) error {
	u := w.row.(*models.User)
	u.Active = true
	if w.Fields["login"].Text == "" {
		if c.logins == nil {
			taken, err := c.tx.Logins()
			if err != nil {
				return err
			}
			c.logins = taken
		}
		u.Login = freeLogin(w.Fields["name"].Text, c.logins)
	}
	return nil
}

// freeLogin makes a login of a name that nobody has, and marks it taken.
func freeLogin(name string, taken map[string]bool) string {
	base := loginOf(name)
	login := base
	for n := 2; taken[login]; n++ {
		login = base + strconv.Itoa(n)
	}
	taken[login] = true
	return login
}

// loginOf writes a name in lower-case Latin letters and digits, words joined by dots, Chinese in pinyin: anna.snelling,
// wangxiaoming; "user" when nothing is left.
func loginOf(name string) string {
	var login strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		letters := latin(r)
		switch {
		case letters == "":
			gap = gap || !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
			continue
		case gap && login.Len() > 0:
			login.WriteByte('.')
		}
		gap = false
		login.WriteString(letters)
	}
	if login.Len() == 0 {
		return "user"
	}
	return login.String()
}

func latin(r rune) string {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return string(r)
	case unicode.Is(unicode.Han, r):
		if readings := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(readings) > 0 {
			return strings.ReplaceAll(readings[0], "ü", "v")
		}
	}
	return ""
}

// giveRoles gives users who were there before the role that the source has for them now, instead of those they had.
func (c *chunk) giveRoles() error {
	for _, w := range c.works {
		if w.role != uuid.Nil && !w.isNew() {
			if err := c.tx.UserRolesSet(w.id(), nil, []uuid.UUID{w.role}); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishUser gives a new user his role and checks the membership.
func (c *chunk) finishUser(w *work) error {
	if m, ok := w.part.(*models.Membership); ok && m.DepartmentID == uuid.Nil {
		w.wrong("department", fault.Say("empty, but a title is one in a department", "为空，但职务须属于某个部门"))
	}
	switch {
	case w.role != uuid.Nil && !w.isNew():
		return nil // see giveRoles
	case w.role != uuid.Nil:
		w.extras = append(w.extras, &models.UserRole{UserID: w.id(), RoleID: w.role})
		return nil
	case !w.isNew():
		return nil
	}
	roles, err := store.RowsBy[models.Role](c.tx, "code", []string{roleOfImported})
	for _, role := range roles {
		w.extras = append(w.extras, &models.UserRole{UserID: w.id(), RoleID: role.ID})
	}
	return err
}
