package simulate

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
)

// relationshipSteps is how far a user's relationships bring a simulation on: they take by far the most of its time.
const relationshipSteps = 100

// relate counts the relationships that each of those affected gains and loses, where that is asked for. A relationship is in
// nobody's hands: both rights are held against every one of them, in one statement for each user whose sight of customers, contacts or
// relationships is not by the same rules as before. It may take memory to know all customers and contacts that a user sees, and unless it
// is asked for at once its time.
func (t *trial) relate(conn *pgx.Conn) error {
	if !t.asked.Relationships {
		return nil
	}
	if err := t.measureRelated(conn); err != nil {
		return err
	}
	given := unhurried
	if t.atOnce {
		given = roomy
	}
	if _, err := conn.Exec(t.ctx, given); err != nil {
		return err
	}
	for _, p := range t.pairs {
		p.RelationshipsGained, p.RelationshipsLost = &KindCount{Kind: access.Relationship.Name}, &KindCount{Kind: access.Relationship.Name}
		if p.relatesOtherwise() {
			if err := t.related(conn, p); err != nil {
				return err
			}
		}
		t.advance(relationshipSteps)
	}
	return nil
}

// relatesOtherwise tells whether somebody may see other relationships than before.
func (p *pair) relatesOtherwise() bool { return !access.Alike(access.Relationship, p.before, p.after) }

// measureRelated refuses to look at more relationships than one request should wait for.
func (t *trial) measureRelated(db access.Database) error {
	if !t.atOnce {
		return nil
	}
	users, there := 0, 0
	for _, p := range t.pairs {
		if p.relatesOtherwise() {
			users++
		}
	}
	text := fmt.Sprintf("select count(*) from (select from %s limit %d) r", access.Relationship.Table, mostRelated+1)
	err := query(t.ctx, db, text, nil, func(r pgx.Rows) error { return r.Scan(&there) })
	if err == nil && users*there > mostRelated {
		return tooLarge()
	}
	return err
}

// related counts what one of those affected gains and loses, and lists the first by id that whoever asks sees himself.
func (t *trial) related(db access.Database, p *pair) error {
	q := t.viewer.Query()
	text := fmt.Sprintf(`with differing as materialized (%s)
		select s.gained, (select count(*) from differing d where d.gained = s.gained), array(
			select d.id from (select d.id from differing d where d.gained = s.gained order by d.id offset 0) d
				cross join lateral (select r.id from %s where r.id = d.id offset 0) r order by d.id limit %d)
			from (values (true), (false)) s (gained)`,
		q.Differing(access.Relationship, p.before, p.after), q.Visible(access.Relationship, "r"), MostShown)
	return query(t.ctx, db, text, q.Args(), func(r pgx.Rows) error {
		var gained bool
		var count int
		var first []uuid.UUID
		err := r.Scan(&gained, &count, &first)
		into := p.RelationshipsLost
		if gained {
			into = p.RelationshipsGained
		}
		into.Count, into.First = count, first
		return err
	})
}
