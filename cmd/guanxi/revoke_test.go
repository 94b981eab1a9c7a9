package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// switched is a right that is given and taken again and again.
type switched struct {
	give, take func(server int)
	shown      func(server int) bool // whether the viewer is shown what the right opens
}

// scene is one right's people and record: the viewer has a role of his own, and no other right to the owner's customer.
type scene struct {
	*two
	viewer, owner, role string // the role is known by its id, the users by their logins
	viewerID, ownerID   string
	customer            string
}

const somePermissions = "[CUSTOMER_READ, CUSTOMER_CREATE, CUSTOMER_UPDATE, CUSTOMER_TRANSFER, CUSTOMER_DELETE, DOCUMENT_READ, DOCUMENT_CREATE, DOCUMENT_SHARE]"

func newScene(w *two) *scene {
	s := &scene{two: w, viewer: w.name("viewer"), owner: w.name("owner")}
	s.role = w.do(0, "admin", "roleCreate.role.id", `mutation { roleCreate(input: {code: %q, name: "x", permissions: %s, fieldRights: [{rule: CONTACT_DETAILS, relation: OTHER, access: FULL}]}) { role { id } `+refusals+` } }`,
		w.name("role"), somePermissions)
	user := func(login, role string) string {
		return w.do(1, "admin", "userCreate.user.id", `mutation { userCreate(input: {login: %q, name: %[1]q, roles: [%q]}) { user { id } `+refusals+` } }`, login, role)
	}
	s.viewerID = user(s.viewer, s.role)
	s.ownerID = user(s.owner, s.role)
	s.customer = w.customer(s.owner)
	return s
}

// sees tells whether the viewer is shown the customer, by its id and in the list alike.
func (s *scene) sees(server int) bool {
	r := s.try(server, s.viewer, `{ customer(id: %q) { id } customers { totalCount } }`, s.customer)
	shown, count := r.at("customer") != nil, r.at("customers.totalCount")
	if r.status != 200 || r.code() != "" || shown != (count == 1.0) {
		s.Errorf("asked for one customer, the server answered %d %s", r.status, r.text)
	}
	return shown
}

// admin carries out an administrator's mutation of one field and gives the id of what it is about.
func (s *scene) admin(server int, field, thing, input string, values ...any) string {
	path, selection := field+"."+thing, thing
	if thing != "id" {
		path, selection = path+".id", thing+" { id }"
	}
	return s.do(server, "admin", path, "mutation { %s(input: {%s}) { %s %s } }", field, fmt.Sprintf(input, values...), selection, refusals)
}

func (s *scene) granted(server int, subject, more string) string {
	return s.admin(server, "grantCreate", "grant", `grantee: {user: %q}, subject: {%s}, level: OBSERVE, %s`, s.viewerID, subject, more)
}

func (s *scene) department(parent string) string {
	if parent == "" {
		return s.admin(0, "departmentCreate", "department", `name: %q`, s.name("department"))
	}
	return s.admin(0, "departmentCreate", "department", `name: %q, parent: %q`, s.name("department"), parent)
}

func (s *scene) shareWith(server int, subject string) string {
	return s.do(server, s.owner, "shareCreate.share.id", `mutation { shareCreate(input: {record: %q, subject: {%s}, level: OBSERVE, kinds: [CUSTOMER]}) { share { id } `+refusals+` } }`, s.customer, subject)
}

// mayShare gives the role the permission to share, which sharing a customer needs.
func (s *scene) mayShare() {
	s.admin(0, "roleUpdate", "role", `id: %q, permissions: %s`, s.role, strings.Replace(somePermissions, "[", "[CUSTOMER_SHARE, CONTACT_SHARE, ", 1))
}

// rights are all the ways in which a right is given and taken, each with a scene of its own.
var rights = map[string]func(*scene) switched{
	"a grant": func(s *scene) switched {
		var grant string
		return switched{shown: s.sees,
			give: func(server int) { grant = s.granted(server, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW") },
			take: func(server int) { s.admin(server, "grantDelete", "id", `id: %q`, grant) },
		}
	},
	"a grant's kinds": func(s *scene) switched {
		grant := s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		set := func(kinds string) func(int) {
			return func(server int) { s.admin(server, "grantUpdate", "grant", `id: %q, kinds: %s`, grant, kinds) }
		}
		return switched{shown: s.sees, give: set("[CUSTOMER]"), take: set("[OPPORTUNITY]")}
	},
	"a denial": func(s *scene) switched {
		s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		denial := s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: DENY")
		return switched{shown: s.sees,
			give: func(server int) { s.admin(server, "grantDelete", "id", `id: %q`, denial) },
			take: func(server int) { denial = s.granted(server, fmt.Sprintf("user: %q", s.ownerID), "effect: DENY") },
		}
	},
	"the owner's membership": func(s *scene) switched {
		department := s.department("")
		s.granted(0, fmt.Sprintf("department: {id: %q}", department), "effect: ALLOW")
		return s.member(s.ownerID, department)
	},
	"the viewer's membership": func(s *scene) switched {
		department := s.department("")
		s.mayShare()
		s.shareWith(0, fmt.Sprintf("department: {id: %q}", department))
		return s.member(s.viewerID, department)
	},
	"a group": func(s *scene) switched {
		group := s.admin(0, "groupCreate", "group", `name: %q`, s.name("group"))
		s.granted(0, fmt.Sprintf("group: %q", group), "effect: ALLOW")
		set := func(members string) func(int) {
			return func(server int) { s.admin(server, "groupMembersSet", "group", `id: %q, members: [%s]`, group, members) }
		}
		return switched{shown: s.sees, give: set(fmt.Sprintf("%q", s.ownerID)), take: set("")}
	},
	"a department's place": func(s *scene) switched {
		above, aside := s.department(""), s.department("")
		below := s.department(above)
		deep := s.department(below)
		s.admin(0, "membershipCreate", "membership", `user: %q, department: %q`, s.ownerID, deep)
		s.granted(0, fmt.Sprintf("department: {id: %q, withSubDepartments: true}", above), "effect: ALLOW")
		move := func(parent string) func(int) {
			return func(server int) {
				s.admin(server, "departmentUpdate", "department", `id: %q, parent: %q`, below, parent)
			}
		}
		return switched{shown: s.sees, give: move(above), take: move(aside)}
	},
	"a role's permissions": func(s *scene) switched {
		s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		set := func(permissions string) func(int) {
			return func(server int) {
				s.admin(server, "roleUpdate", "role", `id: %q, permissions: %s`, s.role, permissions)
			}
		}
		return switched{shown: s.sees, give: set(somePermissions), take: set("[OPPORTUNITY_READ]")}
	},
	"a user's roles": func(s *scene) switched {
		s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		set := func(roles string) func(int) {
			return func(server int) { s.admin(server, "userRolesSet", "user", `user: %q, roles: [%s]`, s.viewerID, roles) }
		}
		return switched{shown: s.sees, give: set(fmt.Sprintf("%q", s.role)), take: set("")}
	},
	"a field right": func(s *scene) switched {
		s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		set := func(access string) func(int) {
			return func(server int) {
				s.admin(server, "roleUpdate", "role", `id: %q, fieldRights: [{rule: CONTACT_DETAILS, relation: SCOPE, access: %s}]`, s.role, access)
			}
		}
		return switched{give: set("FULL"), take: set("NONE"), shown: func(server int) bool {
			return s.try(server, s.viewer, `{ customer(id: %q) { phone } }`, s.customer).at("customer.phone") != nil
		}}
	},
	"a share": func(s *scene) switched {
		var share string
		s.mayShare()
		return switched{shown: s.sees,
			give: func(server int) { share = s.shareWith(server, fmt.Sprintf("user: %q", s.viewerID)) },
			take: func(server int) {
				s.do(server, s.owner, "shareDelete.id", `mutation { shareDelete(input: {id: %q}) { id `+refusals+` } }`, share)
			},
		}
	},
	"a pool's members": func(s *scene) switched {
		pool := s.admin(0, "poolCreate", "pool", `name: %q`, s.name("pool"))
		s.admin(0, "customerRelease", "customer", `id: %q, pool: %q`, s.customer, pool)
		set := func(members string) func(int) {
			return func(server int) { s.admin(server, "poolUpdate", "pool", `id: %q, members: [%s]`, pool, members) }
		}
		return switched{shown: s.sees, give: set(fmt.Sprintf("{user: %q}", s.viewerID)), take: set("")}
	},
	"a handover": func(s *scene) switched {
		hand := func(to string) func(int) {
			return func(server int) { s.admin(server, "customerTransfer", "customer", `id: %q, to: %q`, s.customer, to) }
		}
		return switched{shown: s.sees, give: hand(s.viewerID), take: hand(s.ownerID)}
	},
	"a deletion": func(s *scene) switched {
		s.granted(0, fmt.Sprintf("user: %q", s.ownerID), "effect: ALLOW")
		s.admin(0, "customerDelete", "id", `id: %q`, s.customer)
		return switched{shown: s.sees,
			give: func(server int) { s.admin(server, "customerRestore", "customer", `id: %q`, s.customer) },
			take: func(server int) { s.admin(server, "customerDelete", "id", `id: %q`, s.customer) },
		}
	},
	"a document's list": func(s *scene) switched {
		document := s.upload(s.owner, "the plan")
		set := func(readers string) func(int) {
			return func(server int) {
				s.do(server, s.owner, "documentReadersSet.document.id", `mutation { documentReadersSet(input: {id: %q, restricted: true, readers: [%s]}) { document { id } `+refusals+` } }`, document, readers)
			}
		}
		return switched{give: set(fmt.Sprintf("{user: %q}", s.viewerID)), take: set(""), shown: func(server int) bool {
			status, text := s.download(server, s.viewer, document)
			if status != 404 && (status != 200 || text != "the plan") {
				s.Errorf("a download was answered %d %s", status, text)
			}
			return status == 200
		}}
	},
	"an API token": func(s *scene) switched {
		var token, secret atomic.Value
		secret.Store("")
		return switched{
			give: func(server int) {
				r := s.try(server, s.viewer, `mutation { apiTokenCreate(input: {name: "x"}) { apiToken { id } secret `+refusals+` } }`)
				token.Store(fmt.Sprint(r.at("apiTokenCreate.apiToken.id")))
				secret.Store(fmt.Sprint(r.at("apiTokenCreate.secret")))
			},
			take: func(server int) { s.admin(server, "apiTokenRevoke", "id", `id: %q`, token.Load()) },
			shown: func(server int) bool {
				return send(s.servers[server].address, secret.Load().(string), "{ viewer { user { id } } }").at("viewer.user.id") == s.viewerID
			},
		}
	},
	"a user's being active": func(s *scene) switched {
		var token, session atomic.Value
		token.Store("")
		session.Store("")
		s.newPassword(0)
		return switched{
			give: func(server int) {
				s.admin(server, "userActivate", "user", `id: %q`, s.viewerID)
				session.Store(s.signIn())
				secret, err := s.store.IssueToken(s.Context(), s.viewer, "test")
				if err != nil {
					s.Error(err)
				}
				token.Store(secret)
			},
			take: func(server int) { s.admin(server, "userDeactivate", "user", `id: %q`, s.viewerID) },
			shown: func(server int) bool {
				byToken := send(s.servers[server].address, token.Load().(string), "{ viewer { user { id } } }").at("viewer.user.id")
				return byToken == s.viewerID || s.signedIn(server, session.Load().(string))
			},
		}
	},
	"a password": func(s *scene) switched {
		var session atomic.Value
		session.Store("")
		s.newPassword(0)
		return switched{
			give:  func(int) { session.Store(s.signIn()) },
			take:  func(server int) { s.newPassword(server) },
			shown: func(server int) bool { return s.signedIn(server, session.Load().(string)) },
		}
	},
}

// member is the membership of a user in a department as a right.
func (s *scene) member(user, department string) switched {
	var membership string
	return switched{shown: s.sees,
		give: func(server int) {
			membership = s.admin(server, "membershipCreate", "membership", `user: %q, department: %q`, user, department)
		},
		take: func(server int) { s.admin(server, "membershipDelete", "id", `id: %q`, membership) },
	}
}

const password = "correct horse battery staple"

// newPassword sets the viewer's password anew.
func (s *scene) newPassword(server int) {
	s.admin(server, "userPasswordSet", "user", `user: %q, newPassword: %q`, s.viewerID, password)
}

// signIn begins a session of the viewer and gives its secret.
func (s *scene) signIn() string {
	session, secret, err := s.store.SignIn(s.Context(), s.viewer, password)
	if err != nil || session == nil {
		s.Errorf("signing in: %v", err)
	}
	return secret
}

// signedIn tells whether a session is the viewer's.
func (s *scene) signedIn(server int, secret string) bool {
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.servers[server].address+"/session", nil)
	if err != nil {
		panic(err)
	}
	r.AddCookie(&http.Cookie{Name: "guanxi_session", Value: secret})
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Error(err)
		return false
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.Errorf("the session is %d %s %v", response.StatusCode, text, err)
	}
	return strings.Contains(string(text), s.viewerID)
}

// TestA21WhatIsTakenIsGoneAtOnceOnEveryServer gives and takes each right on one server and asks the other as soon as that
// was acknowledged, while the viewer keeps asking both.
func TestA21WhatIsTakenIsGoneAtOnceOnEveryServer(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	t.Run("rights", func(t *testing.T) {
		for name, begin := range rights {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				own := &two{T: t, pool: w.pool, store: w.store, home: w.home, servers: w.servers, tokens: map[string]string{}, prefix: name + " "}
				own.tokens["admin"] = w.token("admin")
				own.flip(begin(newScene(own)))
			})
		}
	})
}

// The states of a right; in the odd ones it is being changed.
const (
	given = 0
	taken = 2
)

func (w *two) flip(right switched) {
	var state atomic.Int64
	right.give(0)
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for server := range w.servers {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				before := state.Load()
				shown := right.shown(server)
				if settled := before%2 == 0 && state.Load() == before; settled && shown != (before%4 == given) {
					w.Errorf("meanwhile server %d shows it: %v", server, shown)
				}
			}
		})
	}
	for round := range rounds(5) {
		here, there := round%2, 1-round%2
		for _, change := range []struct {
			do    func(int)
			shown bool
		}{{right.take, false}, {right.give, true}} {
			state.Add(1)
			change.do(here)
			state.Add(1)
			for _, server := range []int{there, here} {
				if got := right.shown(server); got != change.shown {
					w.Errorf("round %d: server %d shows it: %v, after server %d changed it", round, server, got, here)
				}
			}
		}
	}
	close(stop)
	asking.Wait()
}

// TestA21AShareEndsAtItsInstantOnEveryServer shares until soon, and asks both servers when the database's clock says so.
func TestA21AShareEndsAtItsInstantOnEveryServer(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	s := newScene(w)
	s.mayShare()
	for range rounds(2) {
		var ends time.Time
		if err := w.pool.QueryRow(t.Context(), "select clock_timestamp() + interval '700 milliseconds'").Scan(&ends); err != nil {
			t.Fatal(err)
		}
		w.do(0, s.owner, "shareCreate.share.id", `mutation { shareCreate(input: {record: %q, subject: {user: %q}, level: OBSERVE, kinds: [CUSTOMER], expiresAt: %q}) { share { id } `+refusals+` } }`,
			s.customer, s.viewerID, ends.UTC().Format(time.RFC3339Nano))
		seen := s.sees(1)
		if w.number("select (clock_timestamp() < $1)::int", ends) == 1 && !seen {
			t.Error("the share does not count before its end")
		}
		if _, err := w.pool.Exec(t.Context(), "select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())))", ends); err != nil {
			t.Fatal(err)
		}
		if s.sees(1) || s.sees(0) {
			t.Error("the share counts after its end")
		}
	}
}
