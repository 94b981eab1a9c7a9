package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"guanxi/access"
	"guanxi/fault"
)

// maxBody is the largest body of a request without files, in bytes.
const maxBody = 1 << 20

// longestWritten is how long a document of the largest size can be in JSON, where a character may take six bytes.
const longestWritten = 6*maxDocument + 2

// malformed is a request that is no GraphQL request: HTTP's status says so.
type malformed struct {
	status int
	*fault.Fault
}

func (m *malformed) Unwrap() error { return m.Fault }

func badRequest(en, zh string, values ...any) error {
	return &malformed{http.StatusBadRequest, fault.Deny(fault.BadInput, fault.Say(en, zh, values...))}
}

func tooLarge(en, zh string, values ...any) error {
	return &malformed{http.StatusRequestEntityTooLarge, fault.Deny(fault.TooLarge, fault.Say(en, zh, values...))}
}

// request is a GraphQL request as it was sent. Its files are still to be read: they are large, and nobody has found yet
// that they are wanted.
type request struct {
	*graphql.RawParams
	reading bool    // it came by GET
	upload  *upload // nil without files

	reports bool // it may ask for reports alone, and is answered with a file
	tables  bool // tables are made of its answer
}

// readRequest reads a GraphQL request up to its files, which who only looks as another may not send.
func readRequest(w http.ResponseWriter, r *http.Request, by asker) (q request, err error) {
	if r.Method == http.MethodGet {
		q.RawParams, err = fromQuery(r.URL.RawQuery)
		q.reading = true
		return q, err
	}
	media, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := options["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return q, unsupported()
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return q, &malformed{http.StatusUnsupportedMediaType, fault.Deny(fault.BadInput, fault.Say("Send the request as it is, not compressed.", "请勿压缩请求内容。"))}
	}
	switch media {
	case "application/json":
		text, err := readAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			return q, err
		}
		q.RawParams, err = fromJSON(text)
		return q, err
	case "multipart/form-data":
		if by.as != "" {
			return q, &malformed{http.StatusForbidden, access.Viewing()}
		}
		q.upload, err = fromForm(w, r)
		if err == nil {
			q.RawParams = q.upload.params
		}
		return q, err
	}
	return q, unsupported()
}

func unsupported() error {
	return &malformed{http.StatusUnsupportedMediaType, fault.Deny(fault.BadInput, fault.Say("Send the request as application/json in UTF-8, or multipart/form-data with files.",
		"请以 UTF-8 的 application/json 发送请求；带文件时使用 multipart/form-data。"))}
}

func readAll(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(from)
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge("The request is larger than %d bytes.", "请求超过 %d 字节。", over.Limit)
	case err != nil:
		return nil, badRequest("The request broke off.", "请求中断。")
	}
	return text, nil
}

// fromQuery reads a request out of an address.
func fromQuery(text string) (*graphql.RawParams, error) {
	query, err := parameters(text)
	if err != nil {
		return nil, err
	}
	params := &graphql.RawParams{Query: query.Get("query"), OperationName: query.Get("operationName")}
	if params.Query == "" {
		return nil, noQuery()
	}
	if err := intoMap([]byte(query.Get("variables")), "variables", &params.Variables); err != nil {
		return nil, err
	}
	return params, intoMap([]byte(query.Get("extensions")), "extensions", &params.Extensions)
}

// parameters reads what an address says behind its question mark.
func parameters(address string) (url.Values, error) {
	given, err := url.ParseQuery(address)
	if err != nil {
		return nil, badRequest("The address cannot be read.", "无法读取请求地址。")
	}
	for name, values := range given {
		if !utf8.ValidString(name) || !utf8.ValidString(strings.Join(values, "")) {
			return nil, badRequest("The request is not UTF-8.", "请求不是 UTF-8 编码。")
		}
	}
	return given, nil
}

// fromJSON reads a request out of a body.
func fromJSON(text []byte) (*graphql.RawParams, error) {
	if at := firstBroken(text); at >= 0 {
		return nil, badRequest("The request is not UTF-8 at byte %d.", "请求在第 %d 字节处不是 UTF-8 编码。", at)
	}
	var parts struct{ Query, OperationName, Variables, Extensions json.RawMessage }
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, badRequest("The request is no JSON object.", "请求不是 JSON 对象。")
	}
	if len(parts.Query) > longestWritten || max(commas(parts.Variables), commas(parts.Extensions)) >= maxValues {
		return nil, tooLarge("The request holds a document, variables or extensions that are larger than allowed.", "请求中的文档、变量或扩展超过允许的大小。")
	}
	params := &graphql.RawParams{}
	if err := intoText(parts.Query, "query", &params.Query); err != nil {
		return nil, err
	}
	if params.Query == "" {
		return nil, noQuery()
	}
	if err := intoText(parts.OperationName, "operationName", &params.OperationName); err != nil {
		return nil, err
	}
	if err := intoMap(parts.Variables, "variables", &params.Variables); err != nil {
		return nil, err
	}
	return params, intoMap(parts.Extensions, "extensions", &params.Extensions)
}

// commas counts the commas of JSON outside of its texts: there are more values than commas, and decoding them all to count
// takes ten times as long.
func commas(text []byte) (n int) {
	for i, quoted := 0, false; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == ',':
			n++
		}
	}
	return n
}

func noQuery() error { return badRequest("The request has no query.", "请求中没有 query。") }

func firstBroken(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func intoText(text json.RawMessage, name string, into *string) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return badRequest("%s is no string.", "%s 不是字符串。", name)
	}
	return nil
}

// intoMap reads an object, with numbers as they are written.
func intoMap(text []byte, name string, into *map[string]any) error {
	if len(text) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil || decoder.More() {
		return badRequest("%s is no JSON object.", "%s 不是 JSON 对象。", name)
	}
	return nil
}
