package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/graph"
	"guanxi/network"
	"guanxi/plan"
	"guanxi/reports"
	"guanxi/resolvers"
)

// engine carries out GraphQL requests.
type engine struct {
	server    *Server
	schema    *ast.Schema
	exec      *executor.Executor
	bare      graphql.ExecutableSchema // what exec runs
	plans     *plan.Schema
	bySQL     *executor.Executor // reports from SQL alone
	documents *documents
	rules     *rules.Rules
	plain     map[*ast.Definition]bool // types of the plain rows of reports
}

func newEngine(s *Server) *engine {
	e := &engine{server: s, documents: newDocuments(), rules: rulesOfDocuments()}
	config := e.config(s.options.Reports, s.options.Network)
	e.bare, e.plans = graph.NewExecutableSchema(config), graph.Planned(config)
	e.schema, e.plain = e.bare.Schema(), plainRows(e.bare.Schema())
	e.exec, e.bySQL = e.executor(e.bare), e.executor(graph.NewExecutableSchema(e.config(reports.New(), network.New())))
	e.exec.AroundFields(noted)
	e.exec.AroundRootFields(serially)
	return e
}

// config is what carries requests out, with engines for reports and networks.
func (e *engine) config(engine *reports.Engine, net *network.Engine) graph.Config {
	o := e.server.options
	return graph.Config{
		Resolvers:  &resolvers.Resolver{Store: o.Store, Files: o.Files, Reports: engine, Network: net, Askable: e.askable, Totals: e.totals},
		Directives: graph.DirectiveRoot{Allow: allow, SignedIn: signedIn},
	}
}

func (e *engine) executor(schema graphql.ExecutableSchema) *executor.Executor {
	exec := executor.New(schema)
	exec.SetQueryCache(e.documents)
	exec.SetErrorPresenter(e.server.present)
	exec.SetRecoverFunc(func(ctx context.Context, cause any) error { return e.server.panicked(ctx, cause) })
	return exec
}

// rulesOfDocuments are those of the language, told without what else there is in the schema, and with one that looks at
// each field once in place of one that compares each with each.
func rulesOfDocuments() *rules.Rules {
	list := rules.NewDefaultRules()
	list.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.FieldsOnCorrectTypeRule.Name, rules.FieldsOnCorrectTypeRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.ScalarLeafsRule.Name, rules.ScalarLeafsRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.OverlappingFieldsCanBeMergedRule.Name, mergeRule)
	return list
}

// allow holds a field's permission against the viewer's.
func allow(ctx context.Context, _ any, next graphql.Resolver, permission string) (any, error) {
	if err := access.Of(ctx).Viewer.Need(access.Permission(permission)); err != nil {
		return nil, err
	}
	return next(ctx)
}

// signedIn keeps a field for those who are signed in.
func signedIn(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if access.Of(ctx).Viewer.Anonymous() {
		return nil, access.SignInFirst()
	}
	return next(ctx)
}

// answer is what a request comes to. Refused means that nothing was carried out; Status, when set, is what HTTP says of it
// whatever the media type, and Wait when it may be sent again.
type answer struct {
	*graphql.Response
	Refused bool
	Status  int
	Wait    time.Duration
	written bool // the data need no more quoting

	asked   bool  // the database was asked for the credential of who asks
	unknown error // why that is not good

	op     *graphql.OperationContext // what was carried out; nil when refused
	viewer *access.Viewer            // for whom
	denied []string                  // the protected fields that he does not read in full
}

// tell adds something to an answer beside its data.
func (a answer) tell(name string, what any) {
	if a.Extensions == nil {
		a.Extensions = map[string]any{}
	}
	a.Extensions[name] = what
}

// asked is a request that has been read and measured.
type asked struct {
	params    *graphql.RawParams
	document  *document
	operation *ast.OperationDefinition // nil when there is none of the name asked for
	weight    weight
	file      bool // it is answered with a file
	upload    bool // it brings files
}

// reads tells whether a request only reads.
func (a *asked) reads() bool { return a.operation != nil && a.operation.Operation == ast.Query }

// signedIn keeps the schema, and files, for those who are signed in.
func (a *asked) signedIn(by asker) error {
	if by.credential == nil && (a.introspects() || a.upload) {
		return access.SignInFirst()
	}
	return nil
}

// reader is for whom a request is carried out, and how the snapshot that he reads is opened.
type reader struct {
	viewer   *access.Viewer
	opening  *access.Opening
	recalled bool // whether he is still the one is found out by the opening
	reports  bool // among what he asks for
	waits    int  // for the database, to find him
}

// look begins a snapshot for a reader.
func (e *engine) look(by reader) *access.Snapshot {
	return access.Look(e.server.options.Store.Pool, by.viewer).Opened(by.opening, e.server.commons)
}

// points is what a request is charged.
func (a *asked) points() int {
	points := max(a.weight.cost, 1)
	if a.operation != nil && a.operation.Operation == ast.Mutation {
		points = times(points, mutationTimes)
	}
	return points
}

// prepare reads and measures a request, and refuses what is too much for anybody. It asks the database nothing.
func (e *engine) prepare(q request) (a *asked, err error) {
	a = &asked{params: q.RawParams, file: q.reports, upload: q.upload != nil}
	if a.document, err = e.read(q.Query); err != nil {
		return a, err
	}
	if err := checkVariables(q.Variables); err != nil {
		return a, err
	}
	a.operation = a.document.Operations.ForName(q.OperationName)
	if a.operation == nil {
		return a, nil // told when the document has been validated
	}
	if q.reading && a.operation.Operation != ast.Query {
		return a, &malformed{http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("GET is for queries only; send this by POST.", "GET 只能用于查询，请改用 POST。"))}
	}
	if a.weight, err = e.weigh(a.document.QueryDocument, a.operation, q.Variables); err == nil && q.reports {
		err = e.onlyReports(a)
	}
	if err == nil && q.tables {
		err = e.widen(a)
	}
	return a, err
}

// introspects tells whether a request asks for the schema.
func (a *asked) introspects() bool {
	return a.operation != nil && a.document.sizes[a.operation].introspection > 0
}

// run carries out a request that may be.
func (e *engine) run(ctx context.Context, by reader, a *asked) answer {
	if err := e.validate(a.document); err != nil {
		return e.refused(ctx, err)
	}
	if !by.viewer.Anonymous() { // strangers do not decide what is kept
		e.documents.keep(a.document)
	}
	ctx = context.WithValue(graphql.StartOperationTrace(ctx), documentKey{}, a.document)
	op, errs := e.exec.CreateOperationContext(ctx, a.params)
	ctx = graphql.WithOperationContext(ctx, op)
	if len(errs) > 0 {
		return e.refused(ctx, errs)
	}
	op.DisableIntrospection = false // who is not signed in has been refused it by admit
	if err := readsOnly(by.viewer, op.Operation.Operation); err != nil {
		return e.refused(ctx, err)
	}
	p := e.plan(a.document, op)
	if a.file {
		if err := e.mayExport(p, op, by.viewer); err != nil {
			return e.refused(ctx, err)
		}
	}
	return e.carryOut(ctx, by, p, op)
}

// carryOut answers an operation. The answer that it gives to one who was recalled says that he was asked for, or is none.
func (e *engine) carryOut(ctx context.Context, by reader, p *planned, op *graphql.OperationContext) answer {
	began, viewer := time.Now(), by.viewer
	if ctx.Err() != nil {
		return e.refused(context.WithoutCancel(ctx), fault.FromSQL(ctx.Err()))
	}
	snap := e.look(by)
	defer func() { snap.Close(ctx) }()
	if by.recalled && by.reports && snap.Open(ctx) != nil { // which tell the time that they are of
		return answer{}
	}
	response, statements, waves := e.byPlan(ctx, snap, p, op), 0, 0 // those of a plan that was given up were run
	written := response != nil
	if !written {
		snap.Close(ctx)
		statements, waves, snap = snap.Statements(), snap.Waves(), e.look(by)
		if by.recalled && snap.Open(ctx) != nil {
			return answer{}
		}
		ctx = graphql.WithOperationContext(withBroken(withProtected(access.With(ctx, snap))), op)
		response = e.plainly(ctx)
	}
	if by.recalled && snap.Open(ctx) != nil {
		return answer{}
	}
	snap.Close(ctx)
	status := brokenDown(response)
	e.noteReferences(snap, p, op.Variables)
	if err := e.server.options.Store.LogAccess(ctx, viewer, requestID(ctx), op.OperationName, snap.Noted()); err != nil {
		if op.Operation.Operation != ast.Mutation || e.withhold(ctx, response, err) != nil {
			return e.refused(context.WithoutCancel(ctx), err) // what is not in the log does not go out
		}
	}
	inOrder(response.Errors)
	given := answer{Response: response, Status: status, written: written, asked: true, op: op, viewer: viewer, denied: p.denied(viewer)}
	if len(given.denied) > 0 {
		given.tell("denied", given.denied)
	}
	if viewer.Behind() != uuid.Nil {
		given.tell("viewAs", map[string]uuid.UUID{"user": viewer.UserID, "by": viewer.Behind()})
	}
	if usage := e.server.options.Usage; usage != nil && len(response.Errors) == 0 {
		usage.add(viewer, p.always)
		usage.add(viewer, e.toldBy(p.uses, op.Variables))
	}
	e.served(ctx, Request{ID: requestID(ctx), Operation: op.OperationName, Statements: statements + snap.Statements(), Waves: by.waits + waves + snap.Waves(),
		Planned: written, Took: time.Since(began)})
	return given
}

// plainly lets gqlgen carry out a request. When its time is over by now, each field says so.
func (e *engine) plainly(ctx context.Context) *graphql.Response {
	ctx = graphql.WithResponseContext(ctx, e.server.present, func(ctx context.Context, cause any) error { return e.server.panicked(ctx, cause) })
	response := e.bare.Exec(ctx)(ctx)
	response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
	return response
}

// brokenDown gives the status of an answer that could not be given because the database was not there, else 0.
func brokenDown(response *graphql.Response) int {
	for _, err := range response.Errors {
		if err.Extensions["code"] == string(fault.Unavailable) {
			return http.StatusServiceUnavailable
		}
	}
	return 0
}

func (e *engine) served(ctx context.Context, r Request) {
	e.server.log.DebugContext(ctx, "answered", "request", r.ID, "operation", r.Operation, "statements", r.Statements, "waves", r.Waves, "planned", r.Planned, "took", r.Took)
	if e.server.options.Served != nil {
		e.server.options.Served(r)
	}
}

func (e *engine) refused(ctx context.Context, err error) answer {
	var list gqlerror.List
	if !errors.As(err, &list) {
		list = gqlerror.List{e.server.present(ctx, err)}
	}
	response := e.exec.DispatchError(ctx, list)
	a := answer{Response: response, Refused: true, Status: brokenDown(response), Wait: waitOf(err)}
	var m *malformed
	switch {
	case errors.As(err, &m):
		a.Status = m.status
	case a.Wait > 0:
		a.Status = http.StatusTooManyRequests
	}
	return a
}
