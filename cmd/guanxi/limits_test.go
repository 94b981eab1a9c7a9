package main

import (
	"testing"

	"guanxi/server"
)

func TestLimitsComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	read := func(environment map[string]string) (server.Limits, error) {
		return (&Program{Environment: func(name string) string { return environment[name] }}).limits()
	}
	if got, err := read(nil); err != nil || got != server.DefaultLimits() {
		t.Errorf("without a word: %+v, %v", got, err)
	}
	got, err := read(map[string]string{"GUANXI_COST_PER_MINUTE": "0", "GUANXI_REPORTS": "7"})
	if err != nil || got.CostPerMinute != 0 || got.Reports != 7 || got.Requests != server.DefaultLimits().Requests {
		t.Errorf("read %+v, %v", got, err)
	}
	for _, text := range []string{"-1", "many", "1.5", "99999999999999999999"} {
		if _, err := read(map[string]string{"GUANXI_REQUESTS": text}); err == nil {
			t.Errorf("%q is taken for a number of requests", text)
		}
	}
}

func TestProxiesAreAddressesOrNetworks(t *testing.T) {
	t.Parallel()
	p := &Program{Environment: func(string) string { return "10.1.2.3/8, 192.0.2.1,2001:db8::1" }}
	list, err := p.proxies()
	if err != nil || len(list) != 3 || list[0].String() != "10.0.0.0/8" || list[1].String() != "192.0.2.1/32" || list[2].String() != "2001:db8::1/128" {
		t.Errorf("read %v, %v", list, err)
	}
	p.Environment = func(string) string { return "proxy.example.com" }
	if _, err := p.proxies(); err == nil {
		t.Error("a name is taken for an address")
	}
}
