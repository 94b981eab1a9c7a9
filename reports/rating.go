package reports

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// prior is how many games each player is taken to have won and lost against us before any was counted: half a game each way
// keeps every rating finite, and vanishes beside real games.
const prior = 0.5

// Bounds of the search for ratings. The likelihood has one summit, and Newton's steps, shortened, reach it in a few rounds.
const (
	mostRounds  = 100
	longestStep = 1.0
	smallStep   = 1e-12
)

// games counts who won against whom: games[i][j] is how often player i won against player j. Player 0 is we.
type games [][]float64

func newGames(players int) games {
	g := make(games, players)
	for i := range g {
		g[i] = make([]float64, players)
	}
	for i := 1; i < players; i++ {
		g[i][0], g[0][i] = prior, prior
	}
	return g
}

// rating is a player's strength against ours, which is 0, by the model of Bradley and Terry: the odds that he wins against
// another are e to the difference of their ratings. The error is its standard error.
type rating struct{ value, err float64 }

// ratings gives the strengths under which the games counted are most likely. They do not depend on the order of games.
func (g games) ratings() []rating {
	list := make([]rating, len(g))
	if len(g) < 2 {
		return list
	}
	at := mat.NewVecDense(len(g)-1, nil)
	var information mat.Cholesky
	for range mostRounds {
		slope, curve := g.slopes(at)
		if !information.Factorize(curve) {
			break
		}
		step := mat.NewVecDense(len(g)-1, nil)
		if information.SolveVecTo(step, slope) != nil {
			break
		}
		longest := mat.Norm(step, math.Inf(1))
		at.AddScaledVec(at, min(1, longestStep/longest), step)
		if longest < smallStep {
			break
		}
	}
	var spread mat.SymDense
	if information.InverseTo(&spread) != nil {
		return list
	}
	for i := range len(g) - 1 {
		list[i+1] = rating{at.AtVec(i), math.Sqrt(spread.At(i, i))}
	}
	return list
}

// slopes gives the first derivatives of the log-likelihood, and the second ones with their sign turned: the information.
func (g games) slopes(at *mat.VecDense) (*mat.VecDense, *mat.SymDense) {
	n := len(g) - 1
	slope, curve := mat.NewVecDense(n, nil), mat.NewSymDense(n, nil)
	rated := func(i int) float64 {
		if i == 0 {
			return 0
		}
		return at.AtVec(i - 1)
	}
	for i := 1; i <= n; i++ {
		for j := range i {
			played := g[i][j] + g[j][i]
			if played == 0 {
				continue
			}
			chance := 1 / (1 + math.Exp(rated(j)-rated(i)))
			left, weight := g[i][j]-played*chance, played*chance*(1-chance)
			slope.SetVec(i-1, slope.AtVec(i-1)+left)
			curve.SetSym(i-1, i-1, curve.At(i-1, i-1)+weight)
			if j > 0 {
				slope.SetVec(j-1, slope.AtVec(j-1)-left)
				curve.SetSym(j-1, j-1, curve.At(j-1, j-1)+weight)
				curve.SetSym(i-1, j-1, curve.At(i-1, j-1)-weight)
			}
		}
	}
	return slope, curve
}
