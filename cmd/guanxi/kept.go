package main

import (
	"cmp"
	"fmt"
	"strconv"

	"guanxi/adjacency"
	"guanxi/columns"
	"guanxi/search"
)

// columns are what reports are answered from in memory; nil when they are switched off.
func (p *Program) columns(here *place, how settings) *columns.Store {
	if how.columns == 0 {
		return nil
	}
	return columns.New(columns.Options{Pool: here.store.Pool, Log: p.log, Now: here.store.Now, Memory: how.columns})
}

// names are what searches are answered from in memory; nil when they are switched off.
func (p *Program) names(here *place, how settings) *search.Names {
	if how.names == 0 {
		return nil
	}
	return search.NewNames(search.Options{Pool: here.store.Pool, Log: p.log, Now: here.store.Now, Memory: how.names})
}

// net is what networks and paths are walked in; nil when it is switched off.
func (p *Program) net(here *place, how settings) *adjacency.Store {
	if how.net == 0 {
		return nil
	}
	return adjacency.New(adjacency.Options{Pool: here.store.Pool, Log: p.log, Now: here.store.Now, Memory: how.net})
}

// memory reads how many bytes something kept in memory may take: none when it is switched off.
func (p *Program) memory(setting string, usual int) (int, error) {
	switch p.Environment(setting) {
	case "off":
		return 0, nil
	case "", "on":
	default:
		return 0, usage{fmt.Errorf("%s is on or off", setting)}
	}
	mebibytes, err := strconv.Atoi(cmp.Or(p.Environment(setting+"_MEMORY"), strconv.Itoa(usual)))
	if err != nil || mebibytes < 1 || mebibytes > 1<<20 {
		return 0, usage{fmt.Errorf("%s_MEMORY is a number of mebibytes, from 1", setting)}
	}
	return mebibytes << 20, nil
}
