package reports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// maxRated is how many competitors are rated against each other: those with the most decided encounters.
const maxRated = 300

// Strength is how strong a competitor is beside us, by the model of Bradley and Terry over who won against whom.
type Strength struct {
	Value       float64 // the logarithm of the odds that they win against us: 0 is as strong as we are
	Low, High   float64 // the bounds of the 95 % interval
	Games       int     // decided encounters that it rests on
	SmallSample bool

	row *CompetitorReportRow
}

// Strength rates the competitor; nil beyond those rated. The competitors of all rows are rated together.
func (row *CompetitorReportRow) Strength(ctx context.Context) (*Strength, error) {
	all, err := models.Fetch(ctx, row.report.opened, "strength", func() (map[uuid.UUID]*Strength, error) {
		list, err := answered(row.report.engine, func(x executor) ([]game, error) { return x.games(ctx, row.report) })
		return rated(list, row.report.plan.viewer.Company.SmallSample), err
	})
	if err != nil || all[row.ID] == nil {
		return nil, err
	}
	of := *all[row.ID]
	of.row = row
	return &of, nil
}

// Page opens the games: a page of the opportunities in which the competitor was met and that were won by us, by him or by another.
func (s *Strength) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	return s.row.report.whole(eachListed).page(ctx, s.row.ID.String(), []string{models.WeWon, models.TheyWon, models.OtherWon}, first, after)
}

// AsOf is the instant that the row was asked for; nil for now.
func (s *Strength) AsOf() *time.Time { return s.row.AsOf() }

// game is how often one player won against another; a nil player is we.
type game struct {
	winner, loser *uuid.UUID
	times         int
}

// games reads every game of the report's population. What we won was a game against each competitor met; what another won he
// won against us, and against each other competitor met.
func (bySQL) games(ctx context.Context, r *CompetitorReport) ([]game, error) {
	s := r.plan.statement()
	facts, err := s.facts("competitor_id", "outcome", "winner")
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(`with facts as (
  %s
)
select case when outcome <> 'WE_WON' then winner end, case when outcome <> 'THEY_WON' then competitor_id end, count(*)
from facts where outcome in ('WE_WON', 'THEY_WON', 'OTHER_WON')
group by 1, 2
order by 1, 2`, facts)
	var list []game
	return list, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var g game
		err := row.Scan(&g.winner, &g.loser, &g.times)
		list = append(list, g)
		return err
	})
}

// rated fits the strengths of those who played most; games against anybody else are left out.
func rated(list []game, minimum int) map[uuid.UUID]*Strength {
	played := map[uuid.UUID]int{}
	for _, g := range list {
		for _, player := range []*uuid.UUID{g.winner, g.loser} {
			if player != nil {
				played[*player] += g.times
			}
		}
	}
	players := most(played, maxRated)
	seat := map[uuid.UUID]int{}
	for i, player := range players {
		seat[player] = i + 1
	}
	counted, games := newGames(len(players)+1), make([]int, len(players)+1)
	for _, g := range list {
		winner, loser, all := seated(seat, g)
		if all {
			counted[winner][loser] += float64(g.times)
			games[winner] += g.times
			games[loser] += g.times
		}
	}
	found := map[uuid.UUID]*Strength{}
	for i, fitted := range counted.ratings() {
		if i > 0 {
			found[players[i-1]] = &Strength{
				Value: fitted.value, Low: fitted.value - z*fitted.err, High: fitted.value + z*fitted.err,
				Games: games[i], SmallSample: games[i] < minimum,
			}
		}
	}
	return found
}

// seated gives the seats of a game's players; we have seat 0. Not all when one of them has none.
func seated(seat map[uuid.UUID]int, g game) (winner, loser int, all bool) {
	seats := [2]int{}
	for i, player := range []*uuid.UUID{g.winner, g.loser} {
		if player == nil {
			continue
		}
		if seats[i] = seat[*player]; seats[i] == 0 {
			return 0, 0, false
		}
	}
	return seats[0], seats[1], true
}

// most lists those with the highest numbers, at most so many; ties go by id.
func most(numbers map[uuid.UUID]int, first int) []uuid.UUID {
	list := slices.SortedFunc(maps.Keys(numbers), func(a, b uuid.UUID) int {
		return cmp.Or(cmp.Compare(numbers[b], numbers[a]), models.CompareIDs(a, b))
	})
	return list[:min(len(list), first)]
}
