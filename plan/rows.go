package plan

// Rows takes what a field gives for one object after another: objects, or the text of a value.
type Rows struct {
	Text []byte // what values write

	items []any
	null  bool // the last list is null
}

// One takes an object; nil is null.
func One[T any](r *Rows, v *T) {
	if v == nil {
		r.items = append(r.items, nil)
		return
	}
	r.items = append(r.items, v)
}

// Some takes an object of an interface; nil is null.
func Some(r *Rows, v any) { r.items = append(r.items, v) }

// Many takes a list of objects.
func Many[T any](r *Rows, list []*T) {
	r.null = list == nil
	for _, v := range list {
		One(r, v)
	}
}

// Several takes a list of objects of an interface.
func Several[T any](r *Rows, list []T) {
	r.null = list == nil
	for _, v := range list {
		r.items = append(r.items, v)
	}
}

// Values takes a list of objects that are no pointers.
func Values[T any](r *Rows, list []T) {
	r.null = list == nil
	for i := range list {
		r.items = append(r.items, &list[i])
	}
}
