"use client"; // It may share code that names the classes of errors.

import { NotFoundError } from "w3pin";

export default function Page() {
  return <p>{NotFoundError.name}</p>;
}
