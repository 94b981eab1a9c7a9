package server

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/plan"
	"guanxi/resolvers"
)

// plansKept is how many plans of one document are kept: one for each operation, and each way that variables switch its
// parts on and off.
const plansKept = 16

// plans are those that have been made of one document.
type plans struct {
	once     sync.Once
	switches []string // the variables that @skip and @include ask

	mu   sync.Mutex
	made map[string]*planned
}

// planned is an operation as far as it is the same for everybody, with the values of its switches.
type planned struct {
	*plan.Plan // nil for what gqlgen must carry out

	uses
	protected []protectedField
}

// plan gives an operation as it is planned, when it is asked for first. What asks for shares is gqlgen's, and is not kept: it shows
// what the measures are that its variables name.
func (e *engine) plan(d *document, op *graphql.OperationContext) *planned {
	shares := false
	e.selected(op, func(f *ast.Field) { shares = shares || isShare(f) })
	if shares {
		return &planned{uses: e.uses(op), protected: e.protected(op)}
	}
	p := &d.plans
	p.once.Do(func() { p.switches, p.made = plan.Switches(d.QueryDocument), map[string]*planned{} })
	key := op.Operation.Name
	for _, name := range p.switches {
		on, is := op.Variables[name].(bool)
		switch {
		case !is:
			key += " ?"
		case on:
			key += " 1"
		default:
			key += " 0"
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.made[key]
	if known == nil {
		known = &planned{Plan: e.plans.Compile(op, ruleOf), uses: e.uses(op), protected: e.protected(op)}
		if len(p.made) < plansKept {
			p.made[key] = known
		}
	}
	return known
}

// ruleOf gives the rule of a protected field, so that it is noted when it is answered.
func ruleOf(object, field string) any {
	if rule, is := resolvers.ProtectedFields()[object][field]; is {
		return rule
	}
	return nil
}

// byPlan answers a query by its plan; nil when that has to be left to gqlgen, and nothing that the plan did counts.
func (e *engine) byPlan(ctx context.Context, snap *access.Snapshot, p *planned, op *graphql.OperationContext) *graphql.Response {
	if e.server.options.Plain || p.Plan == nil {
		return nil
	}
	data, cause := p.Answer(graphql.WithOperationContext(access.With(ctx, snap), op), snap, op, func(name string, rule, of any, above []any) {
		note(snap, name, rule.(access.Rule), of, above)
	})
	if data == nil {
		e.server.log.DebugContext(ctx, "a plan was given up", "request", requestID(ctx), "operation", op.OperationName, "cause", cause)
		return nil
	}
	return &graphql.Response{Data: data}
}
