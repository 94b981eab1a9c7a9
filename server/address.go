package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// addressOf gives the network address that a request comes from. The word of a proxy is believed only where the options name
// it. One machine has many addresses of IPv6: those of one network count as one.
func (s *Server) addressOf(r *http.Request) string {
	address, ok := remote(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil || !s.trusted(address) {
			break
		}
		address = before.Unmap()
	}
	if address.Is6() {
		network, _ := address.WithZone("").Prefix(64)
		return network.String()
	}
	return address.String()
}

func remote(from string) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(from)
	if err != nil {
		return netip.Addr{}, false
	}
	address, err := netip.ParseAddr(host)
	return address.Unmap(), err == nil
}

func (s *Server) trusted(proxy netip.Addr) bool {
	return slices.ContainsFunc(s.options.Proxies, func(p netip.Prefix) bool { return p.Contains(proxy) })
}
