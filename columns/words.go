package columns

import "sync"

// words numbers the values of closed lists, such as a status, in the same way.
type words struct {
	mu   sync.RWMutex
	list []string
}

func newWords() *words { return &words{list: make([]string, 1)} }

func (w *words) number(word string) uint32 {
	if n := w.find(word); n != 0 {
		return n
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, one := range w.list {
		if one == word && n > 0 {
			return uint32(n)
		}
	}
	w.list = append(w.list, word)
	return uint32(len(w.list) - 1)
}

func (w *words) find(word string) uint32 {
	for n, one := range w.all() {
		if one == word && n > 0 {
			return uint32(n)
		}
	}
	return 0
}

func (w *words) all() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.list[:len(w.list):len(w.list)]
}
