// Package postgres opens the database: the one that a URL names, or a private
// cluster that it starts from the machine's own PostgreSQL binaries.
//
// A private cluster belongs to a data folder. It listens on a Unix socket
// only, is shared by every process that opens the same folder, and is stopped
// by the last of them that closes it. A cluster that outlived a killed server
// is adopted by the next one.
package postgres
