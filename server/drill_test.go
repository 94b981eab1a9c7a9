package server_test

import (
	"testing"

	"guanxi/server/servertest"
)

const drill = `query Drill($after: String) { lossRate { total { records(of: LOST, first: 2, after: $after) {
	totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } } }`

func TestACursorBehindANumberServesOnlyWhomItWasMadeFor(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	first := c.Ask("analyst", drill, nil).Good()
	cursor := first.Text("lossRate.total.records.pageInfo.endCursor")
	next := c.Ask("analyst", drill, map[string]any{"after": cursor}).Good()
	if was, is := first.Text("lossRate.total.records.edges.1.node.id"), next.Text("lossRate.total.records.edges.0.node.id"); was == is {
		t.Errorf("the next page begins with the last record of the one before, %s", is)
	}
	c.Ask("finance", drill, map[string]any{"after": cursor}).Refused("BAD_INPUT")
	c.Ask("analyst", drill, map[string]any{"after": first.Text("lossRate.total.records.edges.0.node.id")}).Refused("BAD_INPUT")
}
