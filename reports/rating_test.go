package reports

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Of two players the rating is the logarithm of games won to games lost, the half games beforehand among them.
func TestOneCompetitorIsRatedByTheOdds(t *testing.T) {
	for _, c := range []struct{ theyWon, weWon float64 }{{0, 0}, {3, 1}, {0, 40}, {1000, 10}} {
		g := newGames(2)
		g[1][0] += c.theyWon
		g[0][1] += c.weWon
		got, they, we := g.ratings()[1], c.theyWon+prior, c.weWon+prior
		near(t, "rating", got.value, math.Log(they/we))
		near(t, "error", got.err, math.Sqrt(1/they+1/we))
	}
}

// Where the ratings are right, each player has won as often as the model expects of all his games.
func TestRatingsExpectAsManyWinsAsThereWere(t *testing.T) {
	for seed := range uint64(20) {
		g := randomGames(rand.New(rand.NewPCG(seed, 1)), 2+int(seed%9))
		ratings := g.ratings()
		for i := 1; i < len(g); i++ {
			won, expected := 0.0, 0.0
			for j := range g {
				won += g[i][j]
				expected += (g[i][j] + g[j][i]) / (1 + math.Exp(ratings[j].value-ratings[i].value))
			}
			near(t, "wins", expected, won)
		}
	}
}

func TestRatingsDoNotDependOnTheOrderOfPlayers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	g := randomGames(r, 8)
	order := append([]int{0}, r.Perm(7)...)
	for i := 1; i < len(order); i++ {
		order[i]++
	}
	turned := make(games, len(g))
	for i := range turned {
		turned[i] = make([]float64, len(g))
		for j := range turned[i] {
			turned[i][j] = g[order[i]][order[j]]
		}
	}
	one, other := g.ratings(), turned.ratings()
	for i := range other {
		near(t, "rating", other[i].value, one[order[i]].value)
		near(t, "error", other[i].err, one[order[i]].err)
	}
}

// Who was met by us only through another is rated through him.
func TestARatingReachesThroughOthers(t *testing.T) {
	g := newGames(3)
	g[1][0], g[0][1] = 100, 100 // as strong as we
	g[2][1], g[1][2] = 200, 100 // beats him twice of three times
	if got := g.ratings()[2].value; math.Abs(got-math.Log(2)) > 0.02 {
		t.Errorf("rated %v, not about log 2", got)
	}
}

func randomGames(r *rand.Rand, players int) games {
	g := newGames(players)
	for i := range g {
		for j := range g {
			if i != j && r.IntN(3) > 0 {
				g[i][j] += float64(r.IntN(50))
			}
		}
	}
	return g
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}
