package migrations_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/postgres"
	"guanxi/store/migrations"
)

func TestEveryWayDownLeadsBackUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.NewEmpty(t)
	db, ctx := postgres.Bun(pool), context.Background()
	shape := func() []string {
		var lines []string
		rows, err := db.QueryContext(ctx, `select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable from information_schema.columns
			where table_schema = 'public' and table_name not like 'bun_%'
			union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid <> 0 and connamespace = 'public'::regnamespace
			union all select indexdef from pg_indexes where schemaname = 'public' and tablename not like 'bun_%'
			union all select tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal order by 1`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(line, "bun_") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	up, err := migrations.Up(ctx, db)
	if err != nil || len(up) == 0 {
		t.Fatalf("up: %v, %v", up, err)
	}
	first := shape()
	if _, err := migrations.Down(ctx, db); err != nil {
		t.Fatal(err)
	}
	if left := shape(); len(left) != 0 {
		t.Fatalf("down leaves %v", left)
	}
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	if again := shape(); !slices.Equal(first, again) {
		t.Fatal("the second way up leads elsewhere")
	}
	if again, err := migrations.Up(ctx, db); err != nil || len(again) != 0 {
		t.Fatalf("up again applied %v, %v", again, err)
	}
}

// A server may migrate in the pool that it serves with, whose statements are bound: a migration of millions of rows is not.
func TestAMigrationIsBoundByNothingOfItsPool(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), context.Background()
	for _, text := range []string{
		"alter table stage_changes drop column created_at",
		"delete from bun_migrations where name = '20260101000044'",
		`create function bounds() returns trigger language plpgsql as $$ begin
			if current_setting('statement_timeout') <> '0' or current_setting('lock_timeout') <> '0' then raise 'it is bound'; end if;
			return null;
		end $$`,
		"create trigger bounds after update on stage_changes for each statement execute function bounds()",
	} {
		if _, err := pool.Exec(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(ctx, "update stage_changes set changed_at = changed_at"); err == nil || !strings.Contains(err.Error(), "it is bound") {
		t.Fatalf("the pool is not bound: %v", err)
	}
	if up, err := migrations.Up(ctx, postgres.Bun(pool)); err != nil || len(up) != 1 {
		t.Errorf("applied %v, %v", up, err)
	}
}

// What a distributed database would refuse or silently break is kept out of every migration.
func TestMigrationsKeepTheRulesOfGrowing(t *testing.T) {
	t.Parallel()
	forbidden := map[string]*regexp.Regexp{
		"a sequence or identity":                 regexp.MustCompile(`(?i)\b(bigserial|serial|identity|create sequence|nextval)\b`),
		"NOTIFY in a trigger":                    regexp.MustCompile(`(?i)\b(notify|pg_notify)\b`),
		"a deferred constraint":                  regexp.MustCompile(`(?i)\bdeferrable\b`),
		"a materialized view":                    regexp.MustCompile(`(?i)\bmaterialized\b`),
		"row-level security":                     regexp.MustCompile(`(?i)\b(row level security|create policy|set_config)\b`),
		"table inheritance":                      regexp.MustCompile(`(?i)\binherits\b`),
		"a schema's name":                        regexp.MustCompile(`(?i)\bpublic\.`),
		"a constraint without a name":            regexp.MustCompile(`(?i)(?:^|,)\s*(primary key|unique|check|foreign key)\s*\(`),
		"a reference outside a named constraint": regexp.MustCompile(`(?im)^\s*\w+ \w+.* references `),
	}
	trigger := regexp.MustCompile(`^create (or replace )?(trigger|function)\b`)
	files, err := filepath.Glob("*.up.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(strings.Replace(file, ".up.sql", ".down.sql", 1)); err != nil {
			t.Errorf("%s has no way down", file)
		}
		triggers := 0
		statements := strings.Split(string(raw), "--bun:split")
		for _, statement := range statements {
			text := strings.TrimSpace(statement)
			for what, pattern := range forbidden {
				for _, line := range strings.Split(text, "\n") {
					if pattern.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "constraint ") {
						t.Errorf("%s has %s: %s", file, what, strings.TrimSpace(line))
					}
				}
			}
			if strings.Contains(text, "language plpgsql") && !strings.Contains(text, "set search_path from current") {
				t.Errorf("%s: a function without its search path", file)
			}
			if trigger.MatchString(text) {
				triggers++
			} else if strings.Count(text, ";") != 1 {
				t.Errorf("%s: more than one statement in a round: %.60s", file, text)
			}
			if strings.HasPrefix(text, "create table") && !strings.Contains(text, "primary key (") {
				t.Errorf("%s: a table without a primary key: %.60s", file, text)
			}
		}
		if triggers > 0 && triggers != len(statements) {
			t.Errorf("%s mixes triggers with other statements", file)
		}
	}
}
