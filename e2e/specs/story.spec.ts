import { tellTheStory } from "./story/story";

tellTheStory("sqlite");
