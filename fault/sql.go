package fault

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"regexp"

	"github.com/jackc/pgx/v5/pgconn"
)

var distributed = regexp.MustCompile(`_\d+$`)

// Constraint gives the name of the constraint that a statement broke, or "". A suffix of digits that a distributed
// database appends is cut.
func Constraint(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return ""
	}
	return distributed.ReplaceAllString(pg.ConstraintName, "")
}

// FromSQL turns a database error into a fault by its SQLSTATE; faults and other errors pass through.
func FromSQL(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return timeout(err)
	case !errors.As(err, &pg) && lost(err):
		return unavailable(err)
	case pg == nil:
		return err
	}
	switch pg.Code {
	case "23505":
		return Refuse(Duplicate, Say("This already exists.", "已存在。")).Because(err)
	case "23503":
		return Refuse(InUse, Say("Other records still refer to this, or what it refers to is gone.", "仍被其他记录引用，或所引用的记录已不存在。")).Because(err)
	case "23514", "23502", "22001", "22003":
		return Refuse(Invalid, Say("A value is outside what is allowed.", "有的值超出允许的范围。")).Because(err)
	case "40001", "40P01", "55P03":
		return Refuse(Conflict, Say("Someone else changed this at the same moment; try again.", "有人同时在修改，请重试。")).Because(err)
	case "57014":
		return timeout(err)
	case "57P01", "57P02", "57P03", "08006", "08003", "08001", "53300":
		return unavailable(err)
	}
	return err
}

// lost tells whether an error means that the database cannot be reached, or that the line to it was cut.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var line *net.OpError
	return errors.As(err, &connect) || errors.As(err, &line) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

func unavailable(err error) error {
	return Deny(Unavailable, Say("The database is not available right now; try again in a moment.", "数据库暂时不可用，请稍后再试。")).Because(err)
}

func timeout(err error) error {
	return Deny(Timeout, Say("This took too long and was stopped.", "耗时过长，已停止。")).Because(err)
}
