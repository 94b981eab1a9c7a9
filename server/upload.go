package server

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// What one request may bring.
const (
	maxFiles = 10
	maxFile  = 25 << 20 // bytes
	maxForm  = maxFiles*maxFile + 2*maxBody
)

// fromForm reads a request with files up to these: a part "operations" with the request, a part "map" that says for each
// file which one variable it is. The files follow.
func fromForm(w http.ResponseWriter, r *http.Request) (u *upload, err error) {
	u = &upload{}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if u.parts, err = r.MultipartReader(); err != nil {
		return nil, badRequest("The form cannot be read.", "无法读取表单。")
	}
	if err := u.request(); err != nil {
		return nil, err
	}
	return u, u.places()
}

type upload struct {
	parts  *multipart.Reader
	params *graphql.RawParams
	place  map[string]string // by name of the part
	kept   []*os.File
}

func (u *upload) release() {
	if u == nil {
		return
	}
	for _, file := range u.kept {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}
}

func (u *upload) request() error {
	text, err := u.text("operations")
	if err != nil {
		return err
	}
	u.params, err = fromJSON(text)
	return err
}

// places reads which variable each file is.
func (u *upload) places() error {
	text, err := u.text("map")
	if err != nil {
		return err
	}
	if commas(text) >= maxListed {
		return tooManyFiles()
	}
	var paths map[string][]string
	if err := json.Unmarshal(text, &paths); err != nil {
		return badRequest("map is no object of lists.", "map 不是由列表组成的对象。")
	}
	if len(paths) > maxFiles {
		return tooManyFiles()
	}
	u.place = map[string]string{}
	for name, list := range paths {
		if len(list) != 1 {
			return badRequest("map.%s names %d places; a file goes to exactly one.", "map.%s 指定了 %d 处位置；一个文件只能对应一处。", name, len(list))
		}
		u.place[name] = list[0]
	}
	return nil
}

func tooManyFiles() error {
	return tooLarge("A request brings at most %d files.", "一个请求最多包含 %d 个文件。", maxFiles)
}

func (u *upload) text(name string) ([]byte, error) {
	part, err := u.parts.NextPart()
	if err != nil || part.FormName() != name {
		return nil, badRequest("The form lacks its part %q, or has it in another place.", "表单缺少 %q 部分，或其位置不对。", name)
	}
	return readAll(http.MaxBytesReader(nil, part, maxBody))
}

// files reads the files into the variables.
func (u *upload) files() error {
	if u == nil {
		return nil
	}
	for range len(u.place) {
		part, err := u.parts.NextPart()
		if err != nil {
			return badRequest("The form lacks a file that its map names.", "表单缺少 map 中列出的文件。")
		}
		place, named := u.place[part.FormName()]
		if !named {
			return badRequest("The map does not name the file %q.", "map 中没有列出文件 %q。", part.FormName())
		}
		delete(u.place, part.FormName())
		file, err := u.keep(part)
		if err != nil {
			return err
		}
		if !put(u.params.Variables, strings.Split(strings.TrimPrefix(place, "variables."), "."), file) || !strings.HasPrefix(place, "variables.") {
			return badRequest("map.%s: %q is no variable that is null.", "map.%s：%q 不是值为 null 的变量。", part.FormName(), place)
		}
	}
	return nil
}

// keep holds a file on disk while the request is carried out.
func (u *upload) keep(part *multipart.Part) (graphql.Upload, error) {
	file, err := os.CreateTemp("", "guanxi-upload-")
	if err != nil {
		return graphql.Upload{}, err
	}
	_ = os.Remove(file.Name()) // where an open file may be removed, its bytes end with the process, however that ends
	u.kept = append(u.kept, file)
	size, err := io.Copy(file, http.MaxBytesReader(nil, part, maxFile))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return graphql.Upload{}, tooLarge("The file %q is larger than %d MB.", "文件 %q 超过 %d MB。", part.FileName(), maxFile>>20)
	case err != nil:
		return graphql.Upload{}, badRequest("The request broke off.", "请求中断。")
	}
	_, err = file.Seek(0, io.SeekStart)
	return graphql.Upload{File: file, Filename: part.FileName(), Size: size, ContentType: part.Header.Get("Content-Type")}, err
}

// put sets the null at a path among the variables to a file; false when there is none.
func put(at any, path []string, file graphql.Upload) bool {
	name, last := path[0], len(path) == 1
	switch at := at.(type) {
	case map[string]any:
		value, has := at[name]
		if last && has && value == nil {
			at[name] = file
			return true
		}
		return !last && has && put(value, path[1:], file)
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(at) {
			return false
		}
		if last && at[i] == nil {
			at[i] = file
			return true
		}
		return !last && put(at[i], path[1:], file)
	}
	return false
}
