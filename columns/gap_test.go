package columns

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"guanxi/internal/pgtest"
)

// What prices are apart is what PostgreSQL makes of them, to the last place, be the numbers small, great or next to each other.
func TestGapsAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	var prices, amounts []int64
	drawn := func() int64 { return 1 + r.Int64N(int64(power(1+r.IntN(18)))) }
	for range 4000 {
		amount := drawn()
		price := []int64{drawn(), -drawn(), amount, amount + r.Int64N(9) - 4, amount * 2, 0, amount + amount/2, amount / 3}[r.IntN(8)]
		prices, amounts = append(prices, price), append(amounts, amount)
	}
	rows, err := pgtest.New(t).Query(t.Context(), `select ((p::numeric(24,4) - a) / a)::text, scale((p::numeric(24,4) - a) / a) from (
		select (p::numeric / 10000)::numeric(24,4) as p, (a::numeric / 10000)::numeric(24,4) as a, n from unnest($1::bigint[], $2::bigint[]) with ordinality x (p, a, n)) x order by n`, prices, amounts)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	unfit := 0
	for i := 0; rows.Next(); i++ {
		var text string
		var scale int32
		if err := rows.Scan(&text, &scale); err != nil {
			t.Fatal(err)
		}
		g, fits := gapOf(prices[i], amounts[i])
		if !fits {
			unfit++
			if scale <= mostPlaces {
				t.Errorf("%d against %d has %d places, and does not fit", prices[i], amounts[i], scale)
			}
			continue
		}
		if got := decimal.NewFromBigInt(Units(g), -mostPlaces); !got.Equal(decimal.RequireFromString(text)) || g.Places != scale {
			t.Fatalf("%d against %d is %s of %d places, and not %s of %d", prices[i], amounts[i], text, scale, got, g.Places)
		}
	}
	if rows.Err() != nil || unfit > 100 {
		t.Error(unfit, "do not fit", rows.Err())
	}
	if sum := Units(Gap{whole: 1, first: 5}, Gap{whole: -3, second: -7}); sum.Cmp(new(big.Int).Add(new(big.Int).Mul(big.NewInt(-2), new(big.Int).Mul(big.NewInt(pow16), big.NewInt(pow16))), big.NewInt(5*pow16-7))) != 0 {
		t.Error("the sum is", sum)
	}
}
