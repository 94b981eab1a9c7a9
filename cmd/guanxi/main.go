// Command guanxi serves a customer-relationship graph, and keeps its database.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := &Program{Args: os.Args[1:], Environment: os.Getenv, In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	go func() { // a second signal ends the process at once
		<-ctx.Done()
		stop()
	}()
	os.Exit(p.Run(ctx))
}
