package server

import (
	"net/http"
	"slices"

	"guanxi/fault"
)

// crossOrigin judges by the headers that browsers send whether another site's page is asking.
var crossOrigin = http.NewCrossOriginProtection()

// fromOwnPage refuses a request that changes something and carries a session, unless a page of this server sent it.
func fromOwnPage(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	told := r.Header.Get("X-Requested-With") != "" || r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
	if !told || crossOrigin.Check(r) != nil {
		return foreign()
	}
	return nil
}

func foreign() error {
	return fault.Deny(fault.PermissionDenied, fault.Say("A session is good only for this server's own pages; send the header X-Requested-With, or a bearer token.",
		"会话仅限本服务器自己的页面使用；请发送 X-Requested-With 请求头，或使用令牌。"))
}

// shared lets pages of the listed other sites call with a bearer token, never with a session.
func (s *Server) shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		listed := slices.Contains(s.options.Origins, r.Header.Get("Origin"))
		if listed {
			h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, Content-Disposition")
		}
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		if listed {
			h.Set("Access-Control-Allow-Methods", "GET, POST")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Accept-Language, "+viewAsHeader)
			h.Set("Access-Control-Max-Age", "600")
		}
		h.Set("Allow", "GET, POST, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	})
}
