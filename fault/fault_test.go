package fault

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestRefusalsAreToldApartFromFailures(t *testing.T) {
	two := Many{Absent("input", "customer"), Refuse(Required, Say("Name is missing.", "缺少名称。")).At("input", "name")}
	list, err := Refusals(two.OrNil())
	if err != nil || len(list) != 2 || list[1].Sentence.In("zh-CN") != "缺少名称。" {
		t.Fatalf("got %v, %v", list, err)
	}
	if _, err := Refusals(Deny(PermissionDenied, Say("No.", "不行。"))); !Is(err, PermissionDenied) {
		t.Fatalf("a denial passed as a refusal: %v", err)
	}
	if Many(nil).OrNil() != nil {
		t.Fatal("nothing found must be no error")
	}
}

func TestDatabaseErrorsBecomeFaultsBySQLState(t *testing.T) {
	err := FromSQL(&pgconn.PgError{Code: "23505", ConstraintName: "users_login_key_102008", Detail: "Key (login)=(boss)"})
	if !Is(err, Duplicate) || Constraint(err) != "users_login_key" {
		t.Fatalf("got %v with %q", err, Constraint(err))
	}
	if err := FromSQL(&net.OpError{Op: "read", Err: io.EOF}); !Is(err, Unavailable) {
		t.Fatalf("a line that was cut: %v", err)
	}
	for _, closed := range []error{pgconn.ErrConnClosed, driver.ErrBadConn, sql.ErrConnDone} {
		if err := FromSQL(fmt.Errorf("commit: %w", closed)); !Is(err, Unavailable) {
			t.Fatalf("a line that was closed: %v", err)
		}
	}
	if plain := errors.New("x"); FromSQL(plain) != plain {
		t.Fatal("a foreign error must pass through")
	}
}
