package main

import (
	"cmp"
	"errors"
	"strconv"

	"guanxi/columns"
)

// columns are what reports are answered from in memory; nil when they are switched off.
func (p *Program) columns(here *place, how settings) *columns.Store {
	if how.columns == 0 {
		return nil
	}
	return columns.New(columns.Options{Pool: here.store.Pool, Log: p.log, Now: here.store.Now, Memory: how.columns})
}

// columnsMemory reads how many bytes columns may take: none when they are switched off.
func (p *Program) columnsMemory() (int, error) {
	switch p.Environment("GUANXI_COLUMNS") {
	case "off":
		return 0, nil
	case "", "on":
	default:
		return 0, usage{errors.New("GUANXI_COLUMNS is on or off")}
	}
	mebibytes, err := strconv.Atoi(cmp.Or(p.Environment("GUANXI_COLUMNS_MEMORY"), "2048"))
	if err != nil || mebibytes < 1 || mebibytes > 1<<20 {
		return 0, usage{errors.New("GUANXI_COLUMNS_MEMORY is a number of mebibytes, from 1")}
	}
	return mebibytes << 20, nil
}
