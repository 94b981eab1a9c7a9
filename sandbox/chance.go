package sandbox

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// chance draws everything that is by chance in one part of the company; parts do not disturb each other's draws.
type chance struct{ *rand.Rand }

func (f *firm) chance(part string) chance {
	name := fnv.New64a()
	name.Write([]byte(part))
	return chance{rand.New(rand.NewPCG(uint64(f.options.Seed), name.Sum64()))}
}

// Read fills the bytes by chance.
func (c chance) Read(p []byte) (int, error) {
	var word [8]byte
	for at := 0; at < len(p); at += 8 {
		binary.LittleEndian.PutUint64(word[:], c.Uint64())
		copy(p[at:], word[:])
	}
	return len(p), nil
}

func (c chance) id(kind models.KindCode, at time.Time) uuid.UUID { return models.NewIDAt(kind, at, c) }

func (c chance) yes(probability float64) bool { return c.Float64() < probability }

// between draws a whole number, both ends included.
func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// around draws a positive number whose median is the middle; most lie within a factor of e^spread.
func (c chance) around(middle, spread float64) float64 {
	return middle * math.Exp(c.NormFloat64()*spread)
}

// workingHour moves an instant to a working hour of its day in China, never after the end.
func (c chance) workingHour(day, until time.Time) time.Time {
	local := day.In(china)
	hour := time.Date(local.Year(), local.Month(), local.Day(), c.between(9, 18), c.IntN(60), c.IntN(60), 0, china)
	if hour.After(until) {
		return until
	}
	return hour.UTC()
}

func pick[T any](c chance, list []T) T { return list[c.IntN(len(list))] }

// weigh draws a place in a list of weights.
func (c chance) weigh(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := c.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

var china = time.FixedZone("Asia/Shanghai", 8*60*60)

func dateOf(t time.Time) *models.Date {
	day := models.DateOf(t.In(china))
	return &day
}

func some[T any](value T) *T { return &value }

func someText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// born is the common part of a record made at one time and last changed at another.
func born(id uuid.UUID, made, changed time.Time, version int) models.Record {
	return models.Record{ID: id, Version: version, CreatedAt: made, UpdatedAt: changed}
}
