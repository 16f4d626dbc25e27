import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, refuses, subject, verb, withProject } from '../command.ts'
import { mermaidGraph, textGraph } from '../graph-text.ts'

interface DrawFlags {
  readonly mermaid?: boolean
  readonly project?: string
}

export function draw(cli: Cli): Command {
  const command = verb('draw', 'Draws the graph of repos and pipelines')
  withFlags(command).action(async (flags: DrawFlags) => drawGraph(cli, flags))
  const pipeline = withFlags(subject(command, 'pipeline', 'the same, in the words of pachctl'))
  alsoTakes(pipeline, ['--box-width <columns>', '--edge-height <lines>'])
  refuses(pipeline, '-c, --commit <commit>', {
    why: 'the graph is drawn as it is now.',
    next: 'Leave it out; `varve list pipeline --commit COMMIT` lists the pipelines of that time.',
  })
  pipeline.action(async (flags: DrawFlags) => drawGraph(cli, flags))
  return command
}

function withFlags(command: Command): Command {
  return withProject(command).option('--mermaid', 'as a Mermaid flowchart, for Markdown')
}

async function drawGraph(cli: Cli, flags: DrawFlags): Promise<void> {
  const varve = await cli.open('read')
  const graph = varve.graph(flags.project)
  await cli.print(graph, () =>
    flags.mermaid === true ? mermaidGraph(graph) : textGraph(graph, cli.style),
  )
}
