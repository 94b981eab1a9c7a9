package server

import "time"

// How large a document may be, once its fragments stand where they are spread. docs/limits.md lists what is here.
const (
	maxDocument      = 64 << 10 // bytes
	maxTokens        = 2_000    // words and signs
	maxDepth         = 10
	maxIntrospection = 20 // depth below __schema and __type
	maxTypeLists     = 1  // of types, in each other, in introspection
	maxFields        = 1_000
	maxBreadth       = 200 // fields side by side
	maxAliases       = 30
	maxRoots         = 10
	maxMutations     = 5
	maxChecks        = 1 // fields that check a password
	maxDirectives    = 20
)

// What values may hold.
const (
	maxValueDepth  = 40 // lists and objects in each other
	maxValues      = 10_000
	maxListed      = 200
	maxFilterDepth = 5
	maxConditions  = 200 // of one filter
)

// What an operation may come to.
const (
	maxCost  = 20_000
	maxNodes = 10_000
	maxRows  = 5_000 // of a report, and of what else is no page
)

// Limits bound what one viewer may ask of one server process; who is not signed in is known by his address. Zero turns a
// limit off.
type Limits struct {
	CostPerMinute int // points of cost that come back each minute
	CostBurst     int // points at most that may be saved up; as many as come back each minute when zero
	Requests      int // carried out at once
	Reports       int // requests with a report carried out at once; others wait their turn

	// Time is how long answering may take once a request has been read; 15 seconds when zero.
	Time time.Duration
}

// DefaultLimits are the limits of a server that nobody told otherwise.
func DefaultLimits() Limits {
	return Limits{CostPerMinute: 200_000, CostBurst: 50_000, Requests: 20, Reports: 2, Time: requestTime}
}

const requestTime = 15 * time.Second
