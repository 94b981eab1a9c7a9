// Package prove asks the GraphQL API of random companies as every one of their users, and compares each answer with what
// the naive model decides: no leak, no loss.
package prove
