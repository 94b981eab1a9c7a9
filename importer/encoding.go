package importer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"guanxi/fault"
)

const utf8Name = "utf-8"

// encodings are what files may be written in; nil is UTF-8, taken as it is.
var encodings = map[string]encoding.Encoding{
	utf8Name:       nil,
	"gb18030":      simplifiedchinese.GB18030,
	"gbk":          simplifiedchinese.GBK,
	"big5":         traditionalchinese.Big5,
	"utf-16":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"iso-8859-1":   charmap.ISO8859_1,
	"windows-1252": charmap.Windows1252,
}

// likely are the encodings proposed for bytes that are not UTF-8, the most likely first.
var likely = []string{"gb18030", "windows-1252"}

var byteOrderMark = []byte("\ufeff")

func encodingNames() string { return strings.Join(slices.Sorted(maps.Keys(encodings)), ", ") }

// decoded reads a file as UTF-8 without byte order mark.
func decoded(raw io.Reader, name string) io.Reader {
	if coding := encodings[name]; coding != nil {
		raw = coding.NewDecoder().Reader(raw)
	}
	reader := bufio.NewReaderSize(raw, 64<<10)
	if start, _ := reader.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		reader.Discard(len(byteOrderMark))
	}
	return reader
}

// checkEncoding reads a whole file and finds the first place that is not written in the encoding; nil when there is
// none.
func checkEncoding(raw io.Reader, name string) (*Problem, error) {
	reader := bufio.NewReaderSize(raw, 64<<10)
	if start, _ := reader.Peek(len(byteOrderMark)); name != utf8Name && bytes.Equal(start, byteOrderMark) {
		return &Problem{Line: 1, Sentence: fault.Say(
			"the file begins with the mark of UTF-8, the mapping says encoding: %s", "文件以 UTF-8 标记开头，但映射写的是 encoding: %s", name)}, nil
	}
	if coding := encodings[name]; coding != nil {
		reader = bufio.NewReader(coding.NewDecoder().Reader(reader))
	}
	offset := 0
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if problem := checkLine(line, number, offset, name); problem != nil {
			return problem, nil
		}
		offset += len(line)
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func checkLine(line []byte, number, offset int, name string) *Problem {
	if encodings[name] != nil {
		if !bytes.ContainsRune(line, utf8.RuneError) {
			return nil
		}
		return &Problem{Line: number, Sentence: fault.Say(
			"the line is not written in %s", "该行不是 %s 编码", name)}
	}
	at := firstBadByte(line)
	if at < 0 {
		return nil
	}
	if number == 1 && (bytes.HasPrefix(line, []byte{0xff, 0xfe}) || bytes.HasPrefix(line, []byte{0xfe, 0xff})) {
		return &Problem{Line: 1, Sentence: fault.Say(
			"the file is not UTF-8 but UTF-16: say encoding: utf-16 in the mapping", "文件不是 UTF-8 而是 UTF-16：请在映射中写明 encoding: utf-16")}
	}
	problem := &Problem{Line: number, Value: fmt.Sprintf("0x%02X", line[at]), Sentence: fault.Say(
		"byte %d of the file (0x%02X) is not UTF-8", "文件第 %d 字节（0x%02X）不是 UTF-8", offset+at+1, line[at])}
	for _, name := range likely {
		if preview, ok := preview(line, name); ok {
			more := fault.Say("; with encoding: %s in the mapping the line reads: %s", "；若在映射中写明 encoding: %s，该行为：%s", name, preview)
			problem.En, problem.Zh = problem.En+more.En, problem.Zh+more.Zh
		}
	}
	return problem
}

// firstBadByte gives the position of the first byte that is not UTF-8, -1 when all are.
func firstBadByte(line []byte) int {
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

const previewLength = 60

// preview reads a line in another encoding, when it can be read so at all.
func preview(line []byte, name string) (string, bool) {
	text, err := encodings[name].NewDecoder().Bytes(bytes.TrimSpace(line))
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", false
	}
	runes := []rune(string(text))
	if len(runes) > previewLength {
		return string(runes[:previewLength]) + "…", true
	}
	return string(runes), true
}
