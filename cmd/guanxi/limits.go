package main

import (
	"fmt"
	"net/netip"
	"strconv"

	"guanxi/server"
)

// limits are what one viewer may ask of this server; the environment may say otherwise.
func (p *Program) limits() (server.Limits, error) {
	l := server.DefaultLimits()
	for _, one := range []struct {
		name string
		n    *int
	}{
		{"GUANXI_COST_PER_MINUTE", &l.CostPerMinute}, {"GUANXI_COST_BURST", &l.CostBurst},
		{"GUANXI_REQUESTS", &l.Requests}, {"GUANXI_REPORTS", &l.Reports},
	} {
		text := p.Environment(one.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1_000_000_000 {
			return l, usage{fmt.Errorf("%s is %q: write a whole number, 0 for no limit", one.name, text)}
		}
		*one.n = n
	}
	return l, nil
}

// proxies are the networks whose word of where a request comes from is believed.
func (p *Program) proxies() (list []netip.Prefix, err error) {
	for _, text := range p.listed("GUANXI_PROXIES") {
		network, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			network, err = address.Unmap().Prefix(address.Unmap().BitLen())
		}
		if err != nil {
			return nil, usage{fmt.Errorf("GUANXI_PROXIES names %q: write addresses or networks, such as 10.0.0.0/8, separated by commas", text)}
		}
		list = append(list, network.Masked())
	}
	return list, nil
}
