import { MemoryFiles } from './memory-files.ts'

/** Another disk with the same files: what is done to one is not seen on the other. */
export function copyOf(files: MemoryFiles): MemoryFiles {
  const copy = new MemoryFiles()
  for (const directory of files.directories) copy.directories.add(directory)
  for (const [path, file] of files.files) {
    const fd = copy.open(path, 'create')
    copy.write(fd, file.content(), 0)
    copy.close(fd)
  }
  return copy
}
