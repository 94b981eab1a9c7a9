// Package access decides who may see and do what: the viewer, his permissions, the rows he sees, the fields he reads, and why.
// Every statement on records starts at a table source that this package renders for one viewer.
//
// # From a viewer to SQL
//
// The product defines people and what they may see in so many words; the files follow these words, in this order.
//
// Who asks. [Load] (load.go) reads a user's roles, memberships, groups, pools and grants as they are now; [Viewer] (viewer.go) is what
// comes of it, as it was at one instant. What his roles permit are permissions (permission.go); viewas.go has the administrator who
// asks as another sees.
//
// What there is. A [Kind] (kind.go) is a kind of record with its table and its guard: business, reference, part, or between
// parties. kinds.go lists them all, a row each; kinds_columns.go has the decision on every column, kinds_fields.go what a caller
// may name in a filter or an order.
//
// Which rows he sees. His grants for a kind fold into a [Scope] (scope.go): the users reached by ALLOW, less those reached by DENY, plus
// himself. rules.go is the definition itself, and the file to read first: the ways 1 to 5 by which a record is visible, what closes it
// all the same, and how the viewer may stand to it, each a row with its words and its SQL. belonging.go says which customers a record
// belongs to, and what it carries of them. visible.go puts the rows of that table together:
//
//	Visible → source → open: no closing shuts the kind → someWay: any of the ways, those over a customer by what the row carries of him
//
// and gives "(select the columns from the table where it is visible) as r". It is the FROM of the statement, so that no condition of
// a caller steps around it; [Query.Gathered] gives the same to reports, which read all rows; page.go gives it to lists, beginning where the viewer sees much or
// little, by the places that begin.go finds for each way; [Query.Manageable] is the same with MANAGE, [Query.Deleted] the same for deleted rows. A [Query] (query.go)
// binds what the viewer brings (@me, @scope_…) once each, whatever the size of the company: values never stand in the text.
//
// What a kind's source comes to for a viewer is rendered once, and kept with the people he reaches while the same of his grants are
// live (footing.go).
//
// Which fields he reads. Each role gives a right per rule and relation (own, in my scope, other). columns.go renders each protected column
// NULL, or masked, on the rows where the full right is missing (readable.go), before anybody can filter, sort or add up: what he may not
// read is unknown everywhere. where.go and order.go render what a caller filters and sorts by, and refuse by name what he reads nowhere.
// history.go cuts entries of a history by the same rules.
//
// How it is run. A [Snapshot] (snapshot.go, carried by context.go) is one viewer's view of the database at one instant, and the
// only way to run a query. In a [Gathering] (gathering.go) tasks that read at the same time have their statements sent together; wave.go
// sends them, and prepared.go keeps what a connection has prepared; reading.go takes the values of an answer; raw.go hands over values as they come. An [Opening] (opening.go) is asked
// before all else: for whom the snapshot is, and of which epoch are the [Commons] (commons.go), records that everyone sees alike. log.go has what a snapshot notes for the access log.
//
// # Why, and what if
//
// explain.go finds where a user stands to a record (explain_standing.go), by the same rows of rules.go, asked one by one; the shortest
// chain of facts that leads there (explain_chain.go, in words by explain_reason.go), what would be needed (explain_needed.go), and the
// right to a field (explain_field.go). explanation.go is what is answered.
//
// A simulation asks for a million records at once who sees them: holding.go answers from the hands that a record is in, without SQL;
// counts.go counts them by what is kept and has changed since, besides.go finds the rare records that something else opens. differing.go
// asks of relationships, which are in nobody's hands, who sees them by one right and not by another. taking.go says who may become the owner of a customer.
//
// restated.go names the rules of a kind, so that what states them a second time answers nothing when they change.
// then.go reads records as they were recorded by an earlier instant, under today's rights; slips.go
// finds in the history how opportunities slipped.
//
// findable.go reads what records are found by, for a copy in memory that says what may be found and leaves the decision to Visible;
// raw.go runs what reads very many rows.
//
// money.go and outcome.go are no rules of access: words of SQL that columns here share with reports.
package access
