import { type RandomStream, randomStream } from './random-stream.ts';

const FIRST_DATE = '2022-01-01';
export const DAYS = 731;
export const SEASONS = ['Winter', 'Spring', 'Summer', 'Autumn'] as const;
const WEATHERS = ['Sunny', 'Cloudy', 'Rainy', 'Snowy'] as const;

export type Season = (typeof SEASONS)[number];
export type Weather = (typeof WEATHERS)[number];

/** What a date brings for all stores and products. */
export interface GeneratedDay {
  /** 0 for the first. */
  readonly index: number;
  readonly date: string;
  /** 0 for Monday. */
  readonly weekday: number;
  /** 1 for January 1. */
  readonly dayOfYear: number;
  readonly season: Season;
  readonly weather: Weather;
  readonly isPromotion: boolean;
}

const MS_PER_DAY = 86_400_000;

/** Days that are sold as an occasion every year, month and day. */
const HOLIDAYS = new Set(
  '01-01 02-13 02-14 05-01 10-31 11-25 11-26 12-06 12-21 12-22 12-23 12-24 12-31'.split(' '),
);

/** How often each weather is drawn in a season. */
const weatherBySeason: Readonly<Record<Season, readonly [Weather, ...Weather[]]>> = {
  Winter: ['Sunny', 'Cloudy', 'Cloudy', 'Rainy', 'Snowy', 'Snowy'],
  Spring: ['Sunny', 'Sunny', 'Cloudy', 'Cloudy', 'Rainy', 'Rainy'],
  Summer: ['Sunny', 'Sunny', 'Sunny', 'Sunny', 'Cloudy', 'Rainy'],
  Autumn: ['Sunny', 'Cloudy', 'Cloudy', 'Rainy', 'Rainy', 'Rainy'],
};
const WEATHER_STAYS = 0.5;

/** The 731 days of a seed, from 2022-01-01 to 2024-01-01. */
export function calendarDays(seed: number): GeneratedDay[] {
  const nextWeather = weatherOfDays(randomStream(seed, 'weather'));
  const isCampaign = campaignDays(randomStream(seed, 'campaigns'));
  const first = Date.parse(FIRST_DATE);
  return Array.from({ length: DAYS }, (_, index) => {
    const time = new Date(first + index * MS_PER_DAY);
    const date = time.toISOString().slice(0, 10);
    const season = seasonOfMonth(time.getUTCMonth());
    return {
      index,
      date,
      weekday: (time.getUTCDay() + 6) % 7,
      dayOfYear: 1 + (time.getTime() - Date.UTC(time.getUTCFullYear(), 0)) / MS_PER_DAY,
      season,
      weather: nextWeather(season),
      isPromotion: HOLIDAYS.has(date.slice(5)) || isCampaign[index] === true,
    };
  });
}

/** A weather that is usual in a season. */
export function drawWeather(random: RandomStream, season: Season): Weather {
  return random.pick(weatherBySeason[season]);
}

/** Meteorological seasons of the northern hemisphere. @param month 0 for January. */
function seasonOfMonth(month: number): Season {
  return SEASONS[Math.floor(((month + 1) % 12) / 3)] ?? 'Winter';
}

/** Yesterday's weather often stays. */
function weatherOfDays(random: RandomStream): (season: Season) => Weather {
  let weather: Weather | undefined;
  return (season) => {
    const stays =
      weather !== undefined && weatherBySeason[season].includes(weather) && random.chance(WEATHER_STAYS);
    weather = stays && weather !== undefined ? weather : drawWeather(random, season);
    return weather;
  };
}

/** Campaigns of 2 to 4 days, 8 to 16 days apart: irregular, so that no forecast can predict them. */
function campaignDays(random: RandomStream): boolean[] {
  const days = new Array<boolean>(DAYS).fill(false);
  for (let start = random.integer(3, 12); start < DAYS; ) {
    const end = start + random.integer(2, 4);
    days.fill(true, start, end);
    start = end + random.integer(8, 16);
  }
  return days;
}
