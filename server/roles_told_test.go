package server_test

import (
	"fmt"
	"slices"
	"testing"

	"guanxi/access"
	"guanxi/models"
	"guanxi/server/servertest"
)

// TestOnlyAdministratorsAreToldOfRights asks for what another's roles permit, and for the result of a simulation that its
// asker started as an administrator.
func TestOnlyAdministratorsAreToldOfRights(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	admin := idsOf(t, c, "select id from users where login = 'admin'")[0]
	job := models.NewID(models.JobCode)
	change(t, c, `insert into jobs (id, version, created_at, updated_at, kind, state, input, result, progress, attempts, owner_id, finished_at)
		select ?, 1, now(), now(), 'ACCESS_SIMULATION', 'DONE', '[]', jsonb_build_array(jsonb_build_object('User', id, 'Login', login)), 1, 1, id, now()
		from users where login = 'director'`, job)
	roles := fmt.Sprintf("{ user(id: %q) { roles { code permissions fieldRights { rule } grants { id } } } }", admin)
	simulated := fmt.Sprintf("{ job(id: %q) { state simulation { users { totalCount } } } }", job)

	told := c.Ask("director", roles, nil).Good()
	if one := "user.roles.0."; told.Text(one+"code") == "" || told.Get(one+"permissions") != nil || told.Get(one+"fieldRights") != nil || told.Get(one+"grants") != nil {
		t.Errorf("a director is told of an administrator's roles %s", told.Body)
	}
	if own := c.Ask("director", "{ viewer { user { roles { permissions fieldRights { rule } } } } }", nil).Good(); len(own.List("viewer.user.roles.0.permissions")) == 0 ||
		len(own.List("viewer.user.roles.0.fieldRights")) == 0 {
		t.Errorf("a director is told of his own roles %s", own.Body)
	}
	if a := c.Ask("director", simulated, nil).Good(); a.Text("job.state") != "DONE" || a.Get("job.simulation") != nil {
		t.Errorf("who is no administrator is told %s", a.Body)
	}
	change(t, c, "insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r where u.login = 'director' and r.code = 'administrator'")
	if a := c.Ask("director", simulated, nil).Good(); a.Get("job.simulation") == nil {
		t.Errorf("an administrator is told %s", a.Body)
	}
	if a := c.Ask("director", roles, nil).Good(); len(a.List("user.roles.0.permissions")) == 0 {
		t.Errorf("an administrator is told of roles %s", a.Body)
	}
}

// TestViewerIsToldHisOwnRights compares what people are told of themselves with what their roles say.
func TestViewerIsToldHisOwnRights(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for login, denied := range map[string]bool{"admin": false, "marketing": true, "guangxi.sales": true} {
		a := c.Ask(login, "{ viewer { permissions deniedFields } }", nil).Good()
		told := texts(a.List("viewer.permissions"))
		slices.Sort(told)
		held := []string{}
		for _, row := range rowsOf[struct{ Permission string }](t, c, `select distinct unnest(r.permissions) as permission from roles r
			join user_roles x on x.role_id = r.id join users u on u.id = x.user_id where u.login = $1`, login) {
			held = append(held, row.Permission)
		}
		slices.Sort(held)
		if !slices.Equal(told, held) || login != "admin" && len(held) >= len(access.Permissions()) {
			t.Errorf("%s is told of %v and has %v", login, told, held)
		}
		if fields := texts(a.List("viewer.deniedFields")); slices.Contains(fields, "Service.cost") != denied {
			t.Errorf("%s is told that he does not read %v", login, fields)
		}
	}
}
