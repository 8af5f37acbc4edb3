/** For the person who asked: what was not asked, why, and where to look. */
export function ec2Silent(why: string): string {
  return `EC2 could not be asked (${why}): see asbb burst validate integration`;
}
