package feed

// ReadBy is Read for whoever runs statements in a way of his own.
func ReadBy(after int64, run func(text string, args []any, each func(Row) error) error) (*Reading, error) {
	r := &Reading{}
	if err := run(readingText, []any{after}, r.take); err != nil {
		return nil, err
	}
	return r, r.check(after)
}
