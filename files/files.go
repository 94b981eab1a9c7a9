// Package files keeps the bytes of documents: in a folder of this machine, or in an S3 bucket.
package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // lets an address begin with s3://
	"gocloud.dev/gcerrors"

	"guanxi/fault"
)

// Folder is where the bytes are kept, each file under a key of the server's own making.
type Folder struct{ bucket *blob.Bucket }

// Stored tells what has been put in.
type Stored struct {
	Key       string
	Size      int64 // bytes
	SHA256    []byte
	MediaType string // judged by the bytes, never by what the sender called them
}

// Open opens the place at an address, such as s3://documents?region=eu-west-1 or file:///srv/guanxi/files, or a folder of
// this machine, which it makes when it is missing.
func Open(ctx context.Context, address string) (*Folder, error) {
	if at, err := url.Parse(address); err == nil && at.Scheme == "file" && at.RawQuery == "" {
		address = at.Path
	} else if err == nil && at.Scheme != "" {
		bucket, err := blob.OpenBucket(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("open the files at %s: %w", at.Redacted(), err)
		}
		return &Folder{bucket}, nil
	}
	if err := os.MkdirAll(address, 0o700); err != nil {
		return nil, fmt.Errorf("open the files: %w", err)
	}
	bucket, err := fileblob.OpenBucket(address, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: 0o700})
	if err != nil {
		return nil, fmt.Errorf("open the files in %s: %w", filepath.Clean(address), err)
	}
	return &Folder{bucket}, nil
}

// Close ends the use of the place.
func (f *Folder) Close() error { return f.bucket.Close() }

// NewKey makes a key that no file has: by month, then a random name. No user's text ever becomes part of it.
func NewKey(now time.Time) string { return now.UTC().Format("2006/01/") + uuid.NewString() }

// Put keeps the bytes under a key and tells what they are. When reading fails or the context ends nothing is kept.
//
// A file is put in before the row that names it is written; when that fails, Remove takes it away again, and Clear when nobody
// knows how far it came.
func (f *Folder) Put(ctx context.Context, key string, from io.Reader) (Stored, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	media, from, err := sniff(from)
	if err != nil {
		return Stored{}, fmt.Errorf("read a file: %w", err)
	}
	to, err := f.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: media, IfNotExist: true})
	if err != nil {
		return Stored{}, unable(ctx, fmt.Errorf("keep a file: %w", err))
	}
	sum := sha256.New()
	source := &source{Reader: from}
	size, err := io.Copy(io.MultiWriter(to, sum), source)
	if err != nil {
		err = fmt.Errorf("keep a file: %w", err)
		if source.failed == nil {
			err = unable(ctx, err)
		}
		cancel() // so that closing keeps nothing
		return Stored{}, errors.Join(err, ignoreCanceled(to.Close()))
	}
	if err := to.Close(); err != nil {
		return Stored{}, unable(ctx, fmt.Errorf("keep a file: %w", err))
	}
	return Stored{Key: key, Size: size, SHA256: sum.Sum(nil), MediaType: media}, nil
}

// unable tells that the place of files does not answer, or has no room; a context that ended is told as it is.
func unable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fault.Deny(fault.Unavailable, fault.Say("Files cannot be kept or read right now; try again in a moment.", "暂时无法存取文件，请稍后再试。")).Because(err)
}

// source remembers that reading failed, which is not for the place of files to answer for.
type source struct {
	io.Reader
	failed error
}

func (s *source) Read(to []byte) (int, error) {
	n, err := s.Reader.Read(to)
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}

// File is a kept file being read.
type File struct {
	io.ReadSeekCloser
	Size int64
}

// Get opens a kept file for reading. One that is not there is fs.ErrNotExist.
func (f *Folder) Get(ctx context.Context, key string) (*File, error) {
	r, err := f.bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fmt.Errorf("read a file: %w", fs.ErrNotExist)
	}
	if err != nil {
		return nil, unable(ctx, fmt.Errorf("read a file: %w", err))
	}
	return &File{ReadSeekCloser: r, Size: r.Size()}, nil
}

// Remove takes a file away. One that is not there is no error.
func (f *Folder) Remove(ctx context.Context, key string) error {
	err := f.bucket.Delete(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return err
}

// Clear takes a file away with what its writer left beside it when it died: in a folder of this machine, the part that it had
// written. In a bucket, such parts are for the bucket's own rules.
func (f *Folder) Clear(ctx context.Context, key string) error {
	const attempts = 20
	for attempt := 1; ; attempt++ {
		err := f.clear(ctx, key)
		if gcerrors.Code(err) != gcerrors.NotFound || attempt == attempts { // another's file went while the folder was read
			return err
		}
	}
}

func (f *Folder) clear(ctx context.Context, key string) error {
	left := f.bucket.List(&blob.ListOptions{Prefix: key + "."})
	for {
		part, err := left.Next(ctx)
		if errors.Is(err, io.EOF) {
			return f.Remove(ctx, key)
		}
		if err != nil {
			return fmt.Errorf("look for what is left of a file: %w", err)
		}
		if err := f.Remove(ctx, part.Key); err != nil {
			return err
		}
	}
}

// sniff judges what the bytes are by their beginning, and gives them back whole.
func sniff(from io.Reader) (string, io.Reader, error) {
	start := make([]byte, 3072)
	n, err := io.ReadFull(from, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", nil, err
	}
	return mimetype.Detect(start[:n]).String(), io.MultiReader(bytes.NewReader(start[:n]), from), nil
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
