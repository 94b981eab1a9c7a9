package reports

import (
	"math"
	"math/rand"
	"strconv"
	"testing"
)

// Two treatments of kidney stones, as Charig and others found in 1986: the better one for small stones and for large ones is
// the worse one overall, because it was given to the large ones.
func TestTheRankingOfTreatmentsOfKidneyStonesTurnsRound(t *testing.T) {
	open := mixed{score{273, 350}, map[string]score{"small": {81, 87}, "large": {192, 263}}}
	closed := mixed{score{289, 350}, map[string]score{"small": {234, 270}, "large": {55, 80}}}
	found := reversals([]mixed{open, closed})
	if len(found) != 1 {
		t.Fatalf("%d reversals, want 1", len(found))
	}
	r := found[0]
	// 357 of 700 stones were small: 0.51 · 234/270 + 0.49 · 55/80, and 0.51 · 81/87 + 0.49 · 192/263.
	if r.higher != 1 || r.lower != 0 || !r.everywhere || math.Abs(r.same[0]-0.778875) > 1e-6 || math.Abs(r.same[1]-0.832546) > 1e-6 {
		t.Errorf("found %+v", r)
	}
	if r.shared != [2]int{350, 350} || len(r.strata) != 2 || r.strata[0] != "small" {
		t.Errorf("compared in %v with %v cases", r.strata, r.shared)
	}
}

func TestWhatDoesNotTurnRoundIsNoReversal(t *testing.T) {
	big, small := map[string]score{"x": {9, 10}, "y": {1, 10}}, map[string]score{"x": {8, 10}, "y": {1, 10}}
	for name, list := range map[string][]mixed{
		"the same order":            {{score{10, 20}, big}, {score{9, 20}, small}},
		"one stratum":               {{score{5, 20}, map[string]score{"x": {9, 10}}}, {score{10, 20}, map[string]score{"x": {8, 10}}}},
		"strata of one alone":       {{score{5, 20}, map[string]score{"x": {9, 10}, "y": {9, 10}}}, {score{10, 20}, map[string]score{"z": {1, 10}, "u": {1, 10}}}},
		"equal overall":             {{score{10, 20}, big}, {score{10, 20}, small}},
		"equal at the same mix":     {{score{11, 20}, big}, {score{9, 20}, big}},
		"nothing was ever decided":  {{score{}, nil}, {score{10, 20}, small}},
		"equal but for calculating": {{score{3, 4}, map[string]score{"x": {1, 3}, "y": {2, 7}}}, {score{1, 4}, map[string]score{"x": {2, 6}, "y": {4, 14}}}},
	} {
		if found := reversals(list); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// One that is ahead in some strata and behind in others is told of by the weighted mean, and not as everywhere.
func TestAReversalOnAverageIsNotEverywhere(t *testing.T) {
	a := mixed{score{60, 100}, map[string]score{"x": {45, 50}, "y": {1, 10}, "z": {5, 10}}}
	b := mixed{score{50, 100}, map[string]score{"x": {10, 10}, "y": {20, 50}, "z": {4, 10}}}
	found := reversals([]mixed{a, b})
	if len(found) != 1 || found[0].everywhere || found[0].higher != 0 {
		t.Fatalf("found %+v", found)
	}
	want := [2]float64{(60*0.9 + 60*0.1 + 20*0.5) / 140, (60*1 + 60*0.4 + 20*0.4) / 140}
	if got := found[0].same; math.Abs(got[0]-want[0]) > 1e-12 || math.Abs(got[1]-want[1]) > 1e-12 {
		t.Errorf("at the same mix %v, want %v", got, want)
	}
}

// Which is listed first changes no pair and none of its numbers, only places.
func TestReversalsDoNotDependOnTheOrder(t *testing.T) {
	random, many := rand.New(rand.NewSource(3)), 0
	for range 200 {
		list := make([]mixed, 5)
		for i := range list {
			list[i].strata = map[string]score{}
			for s := range 4 {
				here := score{cases: 5 + random.Intn(200)}
				here.hits = random.Intn(here.cases + 1)
				list[i].strata[strconv.Itoa(s)] = here
				list[i].overall.hits += here.hits
				list[i].overall.cases += here.cases
			}
		}
		turned := []mixed{list[4], list[3], list[2], list[1], list[0]}
		found, again := reversals(list), map[[2]int]reversal{}
		for _, r := range reversals(turned) {
			again[[2]int{4 - r.higher, 4 - r.lower}] = r
		}
		many += len(found)
		if len(found) != len(again) {
			t.Fatalf("%d reversals, %d the other way round", len(found), len(again))
		}
		for _, r := range found {
			if other, has := again[[2]int{r.higher, r.lower}]; !has || other.same != r.same || other.everywhere != r.everywhere {
				t.Errorf("%+v is %+v the other way round", r, other)
			}
		}
	}
	if many < 50 {
		t.Errorf("only %d reversals were seen", many)
	}
}
