package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"guanxi/postgres"
	"guanxi/store"
)

type tokenCommand struct {
	User string `help:"The login of the user that the token stands for." required:"" placeholder:"LOGIN"`
	Name string `help:"What it is to be used for." default:"guanxi token"`
}

// Run makes a token and prints it alone.
func (c *tokenCommand) Run(ctx context.Context, p *Program) error {
	return p.at(ctx, postgres.Limits{}, func(here *place) error {
		secret, err := here.store.IssueToken(ctx, c.User, c.Name)
		if err == nil {
			fmt.Fprintln(p.Out, secret)
		}
		return err
	})
}

type userCommand struct {
	Create   userCreateCommand   `cmd:"" help:"Make a user with a role, and print his id."`
	Password userPasswordCommand `cmd:"" help:"Set a user's password: from GUANXI_PASSWORD, or a line of the input, or made here."`
}

type userCreateCommand struct {
	Login string `help:"What he signs in with." required:""`
	Name  string `help:"His name." required:""`
	Role  string `help:"Code or name of his role, such as sales, sales_manager, administrator." required:""`
}

// Run makes a user.
func (c *userCreateCommand) Run(ctx context.Context, p *Program) error {
	return p.at(ctx, postgres.Limits{}, func(here *place) error {
		id, err := here.store.CreateAccount(ctx, store.Account{Login: c.Login, Name: c.Name, Role: c.Role})
		if err != nil {
			return err
		}
		fmt.Fprintln(p.Out, id)
		p.say("Made the user %s. Set a password with: guanxi user password --login %s", c.Login, c.Login)
		return nil
	})
}

type userPasswordCommand struct {
	Login    string `help:"The user's login." required:""`
	Generate bool   `help:"Make a password and print it."`
}

// Run sets a password.
func (c *userPasswordCommand) Run(ctx context.Context, p *Program) error {
	password, err := c.password(p)
	if err != nil {
		return err
	}
	return p.at(ctx, postgres.Limits{}, func(here *place) error {
		if err := here.store.ReplacePassword(ctx, c.Login, password); err != nil {
			return err
		}
		if c.Generate {
			fmt.Fprintln(p.Out, password)
		}
		p.say("The password of %s is set; his sessions have ended.", c.Login)
		return nil
	})
}

func (c *userPasswordCommand) password(p *Program) (string, error) {
	if c.Generate {
		secret, _ := store.NewSecret()
		return secret[:20], nil
	}
	if given := p.Environment("GUANXI_PASSWORD"); given != "" {
		return given, nil
	}
	if file, ok := p.In.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprintf(p.Err, "New password of %s: ", c.Login)
		typed, err := term.ReadPassword(int(file.Fd()))
		p.say("")
		return string(typed), err
	}
	line, err := bufio.NewReader(p.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usage{errors.New("no password: put it in GUANXI_PASSWORD, write it to the input, or say --generate")}
	}
	return line, nil
}
