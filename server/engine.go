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
	"guanxi/resolvers"
)

// requestTime is how long answering a request may take once it has been read.
const requestTime = 15 * time.Second

// engine carries out GraphQL requests.
type engine struct {
	server    *Server
	schema    *ast.Schema
	exec      *executor.Executor
	documents *documents
}

func newEngine(s *Server) *engine {
	schema := graph.NewExecutableSchema(graph.Config{
		Resolvers:  &resolvers.Resolver{Store: s.options.Store, Files: s.options.Files},
		Directives: graph.DirectiveRoot{Allow: allow, SignedIn: signedIn},
	})
	e := &engine{server: s, schema: schema.Schema(), exec: executor.New(schema), documents: newDocuments()}
	e.exec.SetQueryCache(e.documents)
	e.exec.SetParserTokenLimit(maxTokens)
	e.exec.SetDisableSuggestion(true)
	e.exec.SetDefaultRulesFn(rulesWithoutSuggestions)
	e.exec.SetErrorPresenter(s.present)
	e.exec.SetRecoverFunc(func(ctx context.Context, cause any) error { return s.panicked(ctx, cause) })
	return e
}

// rulesWithoutSuggestions judge a document without telling what else there is in the schema.
func rulesWithoutSuggestions() *rules.Rules {
	list := rules.NewDefaultRules()
	list.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	list.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
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
// whatever the media type.
type answer struct {
	*graphql.Response
	Refused bool
	Status  int
}

// run carries out a request for the viewer; reading only when it came by GET.
func (e *engine) run(ctx context.Context, viewer *access.Viewer, params *graphql.RawParams, reading bool) answer {
	ctx, cancel := context.WithTimeout(graphql.StartOperationTrace(ctx), requestTime)
	defer cancel()
	if err := e.guard(ctx, params.Query); err != nil {
		return e.refused(ctx, err)
	}
	op, errs := e.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		return e.refused(graphql.WithOperationContext(ctx, op), errs)
	}
	ctx = graphql.WithOperationContext(ctx, op)
	if reading && op.Operation.Operation != ast.Query {
		a := e.refused(ctx, fault.Deny(fault.BadInput, fault.Say("GET is for queries only; send this by POST.", "GET 只能用于查询，请改用 POST。")))
		a.Status = http.StatusMethodNotAllowed
		return a
	}
	if err := e.check(op, viewer); err != nil {
		return e.refused(ctx, err)
	}
	return e.carryOut(ctx, viewer, op)
}

// check refuses what may be asked by nobody, or not by this viewer, before anything is carried out.
func (e *engine) check(op *graphql.OperationContext, viewer *access.Viewer) error {
	op.DisableIntrospection = viewer.Anonymous()
	if viewer.Anonymous() && introspects(op.Operation.SelectionSet) {
		return access.SignInFirst()
	}
	if err := readsOnly(viewer, op.Operation.Operation); err != nil {
		return err
	}
	return checkVariables(op.Variables)
}

func (e *engine) carryOut(ctx context.Context, viewer *access.Viewer, op *graphql.OperationContext) answer {
	began := time.Now()
	snap := access.Look(e.server.options.Store.Pool, viewer)
	defer snap.Close(ctx)
	handle, ctx := e.exec.DispatchOperation(access.With(ctx, snap), op)
	response := handle(ctx)
	if response == nil { // the context ended
		return e.refused(context.WithoutCancel(ctx), fault.FromSQL(ctx.Err()))
	}
	inOrder(response.Errors)
	if denied := e.denied(op, viewer); len(denied) > 0 {
		extend(response, "denied", denied)
	}
	if viewer.Behind() != uuid.Nil {
		extend(response, "viewAs", map[string]uuid.UUID{"user": viewer.UserID, "by": viewer.Behind()})
	}
	e.served(ctx, Request{ID: requestID(ctx), Operation: op.OperationName, Statements: snap.Statements(), Took: time.Since(began)})
	return answer{Response: response, Status: brokenDown(response)}
}

func extend(response *graphql.Response, name string, value any) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[name] = value
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
	e.server.log.DebugContext(ctx, "answered", "request", r.ID, "operation", r.Operation, "statements", r.Statements, "took", r.Took)
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
	return answer{Response: response, Refused: true, Status: brokenDown(response)}
}
