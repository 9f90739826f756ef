// Reads a CAR from standard input by go-car, which compares every block with its CID, and says what is in it.
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"

	car "github.com/ipld/go-car/v2"
)

func main() {
	reader, err := car.NewBlockReader(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	said := struct {
		Version uint64   `json:"version"`
		Roots   []string `json:"roots"`
		Blocks  []string `json:"blocks"`
	}{reader.Version, []string{}, []string{}}
	for _, root := range reader.Roots {
		said.Roots = append(said.Roots, root.String())
	}
	for {
		block, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		said.Blocks = append(said.Blocks, block.Cid().String())
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		log.Fatal(err)
	}
}
