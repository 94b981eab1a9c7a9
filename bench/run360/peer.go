package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/bench/market"
	"guanxi/models"
)

const (
	peerRules = "PostGraphile, row-level security"
	peerOpen  = "PostGraphile, no authorization"
)

// peerQueries are the questions in PostGraphile's schema. What no foreign key leads to is JSON from functions.
const peer360 = `query Customer360($id: UUID!) { customer: customerByRowId(rowId: $id) {
	id: rowId name kind lifecycle region: dictionaryEntryByRegionId { id: rowId label } industry: dictionaryEntryByIndustryId { id: rowId label }
	source: dictionaryEntryBySourceId { id: rowId label } phone owner: userByOwnerId { id: rowId name } pool: poolByPoolId { id: rowId name } version
	affiliated related
	opportunities: opportunitiesByCustomerId(first: 10, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { totalCount nodes {
		id: rowId title status stage: stageByStageId { id: rowId name probability } amount currency owner: userByOwnerId { id: rowId name }
		openedOn expectedCloseOn closedAt lossReason: dictionaryEntryByLossReasonId { id: rowId label }
		encounters: encountersByOpportunityId { nodes { id: rowId competitor: competitorByCompetitorId { id: rowId name } quotedPrice currency } } } }
	services: servicesByCustomerId(first: 10, orderBy: [ROW_ID_ASC]) { totalCount nodes { id: rowId title kind status priority assignee: userByAssigneeId { id: rowId name } openedAt dueAt closedAt cost currency } }
	documents: documentsByCustomerId(first: 10, orderBy: [ROW_ID_ASC]) { totalCount nodes { id: rowId name mediaType size category: dictionaryEntryByCategoryId { id: rowId label } revision uploadedAt uploadedBy: userByUploadedBy { id: rowId name } } }
	timeline value network } }`

const peerNewest = `query Newest { opportunities: allOpportunities(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes {
		id: rowId title status amount currency owner: userByOwnerId { id: rowId name } customer: customerByCustomerId { id: rowId name } createdAt } } }`

// startPeers makes what PostGraphile needs in the database and starts it: asking the policies, and asking nobody.
func (m *measuring) startPeers(ctx context.Context, database string) ([]*contestant, error) {
	if _, err := os.Stat(filepath.Join(m.peer, "node_modules")); err != nil {
		command := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		command.Dir = m.peer
		if out, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm ci: %w: %s", err, out)
		}
	}
	m.peered = true
	if err := m.runFile(ctx, "end.sql", nil); err != nil { // of a run that was killed
		return nil, err
	}
	if err := m.runFile(ctx, "begin.sql", rules()); err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, m.place.URL(database))
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if err := keepViewers(ctx, pool); err != nil {
		return nil, err
	}
	var all []*contestant
	for _, one := range []struct{ name, role string }{{peerRules, "bench_peer"}, {peerOpen, ""}} {
		c := &contestant{name: one.name, application: "bench " + one.name, path: "/graphql", speaks: peer, tokens: map[string]string{}, picks: m.picks}
		for _, who := range lookers {
			c.tokens[who.login] = who.login
		}
		environment := []string{"NODE_ENV=production", "GRAPHILE_ENV=production", "PEER_ROLE=" + one.role, "DATABASE_URL=" + m.database(database, "", c.application)}
		if c.process, err = start(ctx, m.peer, environment, "node_modules/.bin/node", "server.mjs"); err != nil {
			return all, err
		}
		c.url = c.process.url
		all = append(all, c)
	}
	return all, nil
}

// rules renders what the policies have in common.
func rules() *strings.Replacer {
	mine := func(column string) string {
		return "get_bit((select current_setting('peer.bits')::bytea), " + market.NumberOf(column) + ") = 1"
	}
	list := []string{"{works}", models.WorksAtID.String(), "{mine owner_id}", mine("owner_id")}
	for _, table := range []string{"contacts", "opportunities", "services", "documents", "activities"} {
		opens := "(c.owner_id = (select peer.me()) or c.id = any((select current_setting('peer.shared')::uuid[])::uuid[]) or " + mine("c.owner_id") +
			" and (" + table + ".owner_id is null or " + table + ".owner_id <> all((select current_setting('peer.denied')::uuid[])::uuid[])))"
		list = append(list, "{opens "+table+"}", opens)
		for other, column := range map[string]string{"opportunities": "opportunity_id", "services": "service_id"} {
			list = append(list, "{through "+other+" "+table+"}", "or exists (select from "+other+" a join customers c on c.id = a.customer_id where a.id = "+table+"."+column+" and "+opens+")")
		}
	}
	return strings.NewReplacer(list...)
}

// keepViewers writes down who sees what, as the settings that the policies read.
func keepViewers(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "create table peer.viewers (login text primary key, settings jsonb not null); comment on table peer.viewers is '@behavior -*'"); err != nil {
		return err
	}
	ids := func(list []uuid.UUID) string {
		texts := make([]string, len(list))
		for i, id := range list {
			texts[i] = id.String()
		}
		return "{" + strings.Join(texts, ",") + "}"
	}
	for _, who := range lookers {
		v, err := market.Look(ctx, pool, who.login)
		if err != nil {
			return err
		}
		settings := map[string]string{
			"peer.me": v.User.String(), "peer.all": fmt.Sprint(v.All), "peer.bits": `\x` + hex.EncodeToString(v.Bits()),
			"peer.denied": ids(v.Denied), "peer.shared": ids(v.Shared), "peer.pools": ids(v.Pools),
		}
		if _, err := pool.Exec(ctx, "insert into peer.viewers values ($1, $2)", who.login, settings); err != nil {
			return err
		}
	}
	return nil
}

// dropPeers takes away what PostGraphile was given.
func (m *measuring) dropPeers(ctx context.Context) error {
	if !m.peered {
		return nil
	}
	m.peered = false
	return m.runFile(ctx, "end.sql", nil)
}

// runFile runs a file of SQL.
func (m *measuring) runFile(ctx context.Context, name string, words *strings.Replacer) error {
	text, err := os.ReadFile(filepath.Join(m.peer, name))
	if err != nil {
		return err
	}
	sql := string(text)
	if words != nil {
		sql = words.Replace(sql)
	}
	_, err = m.admin.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		err = errors.Join(fmt.Errorf("%s", name), err)
	}
	return err
}
