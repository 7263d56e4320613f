// Command tlogpeer reads and writes logs with Go's own transparency-log code, golang.org/x/mod/sumdb.
//
//	tlogpeer check FOLDER CLAIMS      verifies a log and the proofs that CLAIMS (JSON) makes of it; prints its size
//	tlogpeer make FOLDER ORIGIN SIZE  writes a log; prints its verifier key
//
// It ends with 1, and the reason on standard error, where anything does not hold.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	answer, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer)
}

func run(arguments []string) (string, error) {
	switch {
	case len(arguments) == 3 && arguments[0] == "check":
		size, err := check(arguments[1], arguments[2])
		return strconv.FormatInt(size, 10), err
	case len(arguments) == 4 && arguments[0] == "make":
		size, err := strconv.ParseInt(arguments[3], 10, 64)
		if err != nil {
			return "", err
		}
		return makeLog(arguments[1], arguments[2], size)
	}
	return "", fmt.Errorf("usage: tlogpeer check FOLDER CLAIMS | make FOLDER ORIGIN SIZE")
}
